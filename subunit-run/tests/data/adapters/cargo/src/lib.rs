/// ```
/// assert_eq!(shop_x::double(2), 4);
/// ```
pub fn double(number: u32) -> u32 {
    number * 2
}

#[cfg(test)]
mod tests {
    #[test]
    fn passes() {
        println!("said here");
    }

    #[test]
    fn fails() {
        assert_eq!(super::double(2), 5);
    }

    #[test]
    #[ignore = "not now"]
    fn ignored() {}
}
