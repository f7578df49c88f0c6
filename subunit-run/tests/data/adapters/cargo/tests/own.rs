fn main() {
    println!("I am no libtest");
}
