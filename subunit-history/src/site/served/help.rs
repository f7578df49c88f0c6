//! What the keys, the signs and the words of the pages mean.

use crate::site::frame::{Page, SiteFrame};

const HELP: &str = include_str!("help.html");

pub(super) fn page(frame: &SiteFrame) -> String {
    let above = [("All series", "./".to_owned())];
    frame.page(&Page { title: "Keys, signs and definitions", above: &above, depth: 0 }, HELP)
}
