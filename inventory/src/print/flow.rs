//! Headings, paragraphs and tables from top to bottom, over as many pages as they take.

use super::{
    page::{Align, Box, HEIGHT, PT, Page, WIDTH},
    typeface::{Typefaces, Weight},
};
use crate::Language;

const LEFT: f32 = 22.0;
const TOP: f32 = 20.0;
const BOTTOM: f32 = HEIGHT - 22.0;
/// Width between the margins, in millimetres.
pub(super) const ROOM: f32 = WIDTH - LEFT - 18.0;
/// Space above and below the text of a cell, and beside it.
const CELL: f32 = 1.2;
const TABLE_PT: f32 = 9.0;
const TEXT_PT: f32 = 10.5;
/// Distance of lines as a share of the type size, in millimetres a point.
const LEADING: f32 = 1.32 / PT;
/// Lines of one cell at most: no title is allowed to fill a page.
const MAX_CELL_LINES: usize = 6;
/// Side of a QR code and what is left free beside it, in millimetres.
const CODE_SIDE: f32 = 46.0;
const CODE_GAP: f32 = 8.0;

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(super) struct TableColumn {
    pub(super) title: &'static str,
    /// Share of the room.
    pub(super) share: f32,
    pub(super) align: Align,
}

/// Pages under way.
pub(super) struct Flow<'a> {
    faces: &'a Typefaces,
    language: Language,
    pages: Vec<Page>,
    y: f32,
}

impl<'a> Flow<'a> {
    /// An empty page, whose own words are of that language.
    pub(super) fn new(faces: &'a Typefaces, language: Language) -> Self {
        Self {
            faces,
            language,
            pages: vec![Page::default()],
            y: TOP,
        }
    }

    /// The pages, each with its number below.
    pub(super) fn finish(mut self, footer: &str) -> Vec<Page> {
        let count = self.pages.len();
        for (index, page) in self.pages.iter_mut().enumerate() {
            page.line(LEFT, HEIGHT - 15.5, ROOM, 160);
            let room_pt = (ROOM - 30.0) * PT;
            let footer = self.faces.wrap(footer, Weight::Regular, 8.0, room_pt, 1).concat();
            page.text(LEFT, HEIGHT - 11.0, 8.0, Weight::Regular, Align::Left, &footer);
            let number = match self.language {
                Language::Romanian => format!("pagina {} din {count}", index + 1),
                Language::English => format!("page {} of {count}", index + 1),
            };
            page.text(
                LEFT + ROOM,
                HEIGHT - 11.0,
                8.0,
                Weight::Regular,
                Align::Right,
                &number,
            );
        }
        self.pages
    }

    pub(super) fn space(&mut self, height: f32) {
        self.y += height;
    }

    /// Starts a new page unless that much room is left.
    pub(super) fn keep(&mut self, height: f32) {
        if self.y + height > BOTTOM {
            self.pages.push(Page::default());
            self.y = TOP;
        }
    }

    /// Puts something on one page, where one page can hold it.
    pub(super) fn together(&mut self, put: impl Fn(&mut Self)) {
        let mut alone = Self::new(self.faces, self.language);
        put(&mut alone);
        if alone.pages.len() == 1 {
            self.keep(alone.y - TOP);
        }
        put(self);
    }

    pub(super) fn text(&mut self, text: &str, size_pt: f32, weight: Weight, align: Align) {
        for line in self.faces.wrap(text, weight, size_pt, ROOM * PT, usize::MAX) {
            let height = size_pt * LEADING;
            self.keep(height);
            let x = match align {
                Align::Left => LEFT,
                Align::Centre => LEFT + ROOM / 2.0,
                Align::Right => LEFT + ROOM,
            };
            let baseline = self.y + height * 0.78;
            self.page().text(x, baseline, size_pt, weight, align, &line);
            self.y += height;
        }
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.text(text, TEXT_PT, Weight::Regular, Align::Left);
        self.space(1.8);
    }

    /// A heading, kept with what follows it.
    pub(super) fn heading(&mut self, text: &str) {
        self.space(3.5);
        self.keep(30.0);
        self.text(text, 11.5, Weight::Bold, Align::Left);
        self.space(1.5);
    }

    /// A table whose header stands again on every page.
    pub(super) fn table(&mut self, columns: &[TableColumn], rows: &[Vec<String>]) {
        let titles: Vec<String> = columns.iter().map(|column| column.title.to_owned()).collect();
        self.row(columns, &titles, Weight::Bold);
        for row in rows {
            let before = self.pages.len();
            self.keep(self.height_of(columns, row, Weight::Regular));
            if self.pages.len() > before {
                self.row(columns, &titles, Weight::Bold);
            }
            self.row(columns, row, Weight::Regular);
        }
        self.space(2.0);
    }

    /// A table without a header.
    pub(super) fn rows(&mut self, columns: &[TableColumn], rows: &[Vec<String>]) {
        for row in rows {
            self.keep(self.height_of(columns, row, Weight::Regular));
            self.row(columns, row, Weight::Regular);
        }
        self.space(2.0);
    }

    /// A square of modules, of which the dark ones are given by column and row, and beside it lines for names and
    /// signatures.
    pub(super) fn seal(&mut self, modules: usize, dark: &[(usize, usize)], titles: &[&str]) {
        self.keep(CODE_SIDE);
        // A few hundred at most: exact as f32.
        let module = CODE_SIDE / modules as f32;
        let top = self.y;
        let boxes = dark.iter().map(|(x, y)| Box {
            x: LEFT + *x as f32 * module,
            y: top + *y as f32 * module,
            width: module,
            height: module,
        });
        let boxes = boxes.collect();
        self.page().boxes(boxes, 0);
        self.sign_here(LEFT + CODE_SIDE + CODE_GAP, titles);
        self.y = top + CODE_SIDE;
    }

    /// Lines for names and signatures side by side, each under its title.
    pub(super) fn signatures(&mut self, titles: &[&str]) {
        const HEIGHT_OF_BLOCK: f32 = 34.0;
        self.keep(HEIGHT_OF_BLOCK);
        self.sign_here(LEFT, titles);
        self.y += HEIGHT_OF_BLOCK;
    }

    fn sign_here(&mut self, left: f32, titles: &[&str]) {
        let labels = match self.language {
            Language::Romanian => ["Numele și prenumele", "Semnătura"],
            Language::English => ["Name", "Signature"],
        };
        // Three or so: exact as f32.
        let width = (LEFT + ROOM - left) / titles.len() as f32;
        let top = self.y;
        for (index, title) in titles.iter().enumerate() {
            let x = left + width * index as f32;
            let page = self.page();
            page.text(x, top + 5.0, TEXT_PT, Weight::Bold, Align::Left, title);
            for (label, y) in labels.into_iter().zip([16.0, 28.0]) {
                page.line(x, top + y, width - 8.0, 0);
                page.text(x, top + y + 3.6, 7.5, Weight::Regular, Align::Left, label);
            }
        }
    }

    fn page(&mut self) -> &mut Page {
        self.pages.last_mut().expect("there is always a page")
    }

    fn cells(&self, columns: &[TableColumn], row: &[String], weight: Weight) -> Vec<Vec<String>> {
        let wrap = |(column, text): (&TableColumn, &String)| {
            let room_pt = (column.share * ROOM - 2.0 * CELL) * PT;
            self.faces.wrap(text, weight, TABLE_PT, room_pt, MAX_CELL_LINES)
        };
        columns.iter().zip(row).map(wrap).collect()
    }

    fn height_of(&self, columns: &[TableColumn], row: &[String], weight: Weight) -> f32 {
        let lines = self
            .cells(columns, row, weight)
            .iter()
            .map(Vec::len)
            .max()
            .unwrap_or(1);
        // Six at most: exact as f32.
        lines as f32 * TABLE_PT * LEADING + 2.0 * CELL
    }

    fn row(&mut self, columns: &[TableColumn], row: &[String], weight: Weight) {
        let height = self.height_of(columns, row, weight);
        let cells = self.cells(columns, row, weight);
        let (top, mut x) = (self.y, LEFT);
        let page = self.page();
        if weight == Weight::Bold {
            page.boxes(
                vec![Box {
                    x,
                    y: top,
                    width: ROOM,
                    height,
                }],
                232,
            );
        }
        for (column, lines) in columns.iter().zip(&cells) {
            let width = column.share * ROOM;
            let place = match column.align {
                Align::Left => x + CELL,
                Align::Centre => x + width / 2.0,
                Align::Right => x + width - CELL,
            };
            let mut baseline = top + CELL + TABLE_PT * LEADING * 0.78;
            for line in lines {
                page.text(place, baseline, TABLE_PT, weight, column.align, line);
                baseline += TABLE_PT * LEADING;
            }
            x += width;
        }
        page.line(LEFT, top + height, ROOM, 150);
        self.y = top + height;
    }
}
