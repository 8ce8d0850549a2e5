//! What looks like a word, kept while the words it was found among stay as they are: the same words are asked again with
//! every page of results, every filter and every dossier that is opened, and a walk through millions of words costs more
//! than all the rest of an answer.

use std::{
    hash::Hash,
    num::NonZeroUsize,
    sync::{Arc, Mutex, PoisonError},
};

use lru::LruCache;

/// Forms kept, over all words: some 8 MB.
const FORMS_MAX: usize = 100_000;

/// Words kept, those without any form among them.
const WORDS_MAX: NonZeroUsize = NonZeroUsize::new(10_000).expect("more than none");

/// The words asked last, with the forms that look like them.
pub(crate) struct Remembered<Word: Hash + Eq, Form>(Mutex<Words<Word, Form>>);

struct Words<Word: Hash + Eq, Form> {
    words: LruCache<Word, Arc<[Form]>>,
    forms: usize,
}

impl<Word: Hash + Eq, Form> Default for Remembered<Word, Form> {
    fn default() -> Self {
        Self(Mutex::new(Words {
            words: LruCache::new(WORDS_MAX),
            forms: 0,
        }))
    }
}

impl<Word: Hash + Eq, Form> Remembered<Word, Form> {
    /// What `find` gave for a word when it was last asked; else what it gives now.
    pub(super) fn forms<E>(
        &self,
        word: Word,
        find: impl FnOnce(&Word) -> Result<Vec<Form>, E>,
    ) -> Result<Arc<[Form]>, E> {
        if let Some(forms) = self.words(|words| words.words.get(&word).cloned()) {
            return Ok(forms);
        }
        // Without the lock: others may ask meanwhile, at worst the same.
        let forms: Arc<[Form]> = find(&word)?.into();
        self.words(|words| words.keep(word, Arc::clone(&forms)));
        Ok(forms)
    }

    fn words<T>(&self, act: impl FnOnce(&mut Words<Word, Form>) -> T) -> T {
        // A panic in between leaves a count that is off, and nothing wrong.
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl<Word: Hash + Eq, Form> Words<Word, Form> {
    fn keep(&mut self, word: Word, forms: Arc<[Form]>) {
        self.forms += forms.len();
        if let Some((_, replaced)) = self.words.push(word, forms) {
            self.forms -= replaced.len();
        }
        while self.forms > FORMS_MAX {
            let Some((_, oldest)) = self.words.pop_lru() else {
                return;
            };
            self.forms -= oldest.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_once_and_the_oldest_are_forgotten() {
        let remembered = Remembered::default();
        let count = |word: &'static str, count: usize| {
            let found = remembered.forms(word, |_| Ok::<_, ()>(vec![0_u8; count]));
            found.map(|forms| forms.len())
        };
        assert_eq!(count("masa", 3), Ok(3));
        assert_eq!(count("masa", 4), Ok(3));
        assert_eq!(count("mare", FORMS_MAX), Ok(FORMS_MAX));
        assert_eq!(count("masa", 4), Ok(4));
        assert_eq!(count("mare", 5), Ok(5));
        assert_eq!(remembered.words(|words| words.forms), 9);
    }
}
