//! A shop.

/// What the items cost together.
pub fn total(items: &[u32]) -> u32 {
    items.iter().sum()
}

#[cfg(test)]
mod tests {
    #[test]
    fn cart() {
        assert_eq!(super::total(&[20, 22]), 42);
    }

    #[test]
    fn checkout() {
        assert_eq!(super::total(&[20, 21]), 42);
    }

    #[test]
    #[ignore = "no search engine here"]
    fn search() {}
}
