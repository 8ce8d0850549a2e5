//! How to start our own program as a worker.

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
};

/// A program and its arguments, started without a shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkerCommand {
    /// The program.
    pub program: PathBuf,
    /// Its arguments, such as `page-worker`.
    pub args: Vec<OsString>,
    /// Set in the child's environment, on top of what it inherits.
    pub environment: Vec<(OsString, OsString)>,
}

impl WorkerCommand {
    /// Some program with arguments.
    pub fn new<A: AsRef<OsStr>>(program: impl Into<PathBuf>, args: impl IntoIterator<Item = A>) -> Self {
        Self {
            program: program.into(),
            args: args.into_iter().map(|arg| arg.as_ref().to_owned()).collect(),
            environment: Vec::new(),
        }
    }

    /// The very program that is running, even when its file was replaced by an upgrade since: parent and
    /// child always speak the same version of the protocol.
    pub fn this_program<A: AsRef<OsStr>>(args: impl IntoIterator<Item = A>) -> Self {
        Self::new("/proc/self/exe", args)
    }

    /// The same with one more variable in the child's environment.
    #[must_use]
    pub fn with_environment(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }
}
