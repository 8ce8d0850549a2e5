//! Real scans: every page decodes, at the size that is known of it.

use std::fs;

use hrisov_imaging::{Limits, Source};

use crate::given::shared_scans;

#[test]
fn every_real_scan_decodes_at_its_size() {
    let Some(folder) = shared_scans() else { return };
    let manifest = fs::read_to_string(folder.join("manifest.tsv")).unwrap();
    let mut pages = 0;
    for line in manifest.lines().skip(1) {
        let columns: Vec<&str> = line.split('\t').collect();
        let (path, size) = (columns[0], columns[6]);
        let mut source = Source::open(&folder.join(path), &Limits::default())
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let page = source
            .decode_page(0)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let (width, height) = (page.width_px, page.height_px);
        let sizes = [format!("{width}x{height}"), format!("{height}x{width}")];
        assert!(
            sizes.iter().any(|found| found == size),
            "{path}: {width}x{height} instead of {size}"
        );
        pages += 1;
    }
    assert!(pages > 30, "{pages} pages in the manifest");
}
