//! `hrisov sheets`: one separator sheet for each dossier of an inventory.

use anyhow::bail;
use jiff::Timestamp;
use serde::Serialize;

use crate::{args::SheetsArgs, exit::Exit, inventory, output::Output};

#[derive(Serialize)]
struct Printed {
    sheets: usize,
    left_out: Vec<u32>,
    file: String,
}

pub fn run(args: &SheetsArgs, output: &Output) -> anyhow::Result<Exit> {
    let paper = inventory::read(&args.inventory)?.inventory;
    let sheets = hrisov_inventory::sheets(&paper);
    if sheets.is_empty() {
        bail!(
            "{} has no row with a reference or a number: nothing to print",
            args.inventory.display()
        );
    }
    let unlabelled = paper.rows.iter().filter(|row| row.label().is_none());
    let left_out = unlabelled.map(|row| row.line).collect();
    inventory::write_new(
        &args.output,
        &hrisov_inventory::sheets_pdf(&sheets, Timestamp::now())?,
    )?;
    let printed = Printed {
        sheets: sheets.len(),
        left_out,
        file: args.output.display().to_string(),
    };
    output.result(&printed, || describe(&printed, output))?;
    Ok(Exit::Done)
}

fn describe(printed: &Printed, output: &Output) -> String {
    let speech = output.speech;
    let sheets = speech.count(
        printed.sheets as u64,
        ("foaie separatoare", "foi separatoare"),
        ("separator sheet", "separator sheets"),
    );
    let mut text = format!("{sheets}: {}\n", printed.file);
    for line in &printed.left_out {
        let why = speech.pick(
            "nu are nici număr, nici cotă: fără foaie",
            "has neither number nor reference: no sheet",
        );
        text.push_str(&format!("! {} {line} {why}\n", speech.pick("rândul", "line")));
    }
    text
}
