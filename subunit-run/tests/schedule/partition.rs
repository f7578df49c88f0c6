//! The partition against what testr 0.0.22 and stestr 4.2.1 do.

use std::time::Duration;

use subunit_run::{
    memory::Times,
    schedule::{partition, partition_by, without_tags},
};

fn ids(names: &str) -> Vec<String> {
    names.split_whitespace().map(String::from).collect()
}

fn times(of: &[(&str, u64)]) -> Times {
    of.iter().map(|&(id, millis)| (id.into(), Duration::from_millis(millis))).collect()
}

fn no_group(_: &str) -> Option<String> {
    None
}

/// As the recorded runs do with `group_regex=m\d`.
fn module(id: &str) -> Option<String> {
    id.starts_with('m').then(|| id[..2].into())
}

const SIX: [(&str, u64); 5] = [
    ("m1.A.one", 500),
    ("m1.A.two", 100),
    ("m1.B.three", 400),
    ("m2.A.four", 200),
    ("m2.A.five", 300),
];

#[test]
fn new_tests_go_round_robin() {
    let listed = ids("m1.A.one m1.A.two m1.B.three m2.A.four m2.A.five");
    let lists = partition(&listed, no_group, &Times::new(), 2);
    assert_eq!(lists, [ids("m1.A.one m1.B.three m2.A.five"), ids("m1.A.two m2.A.four")]);
}

#[test]
fn tests_with_times_go_first_and_new_ones_round_robin_after_them() {
    let listed = ids("m1.A.one m1.A.two m1.B.three m2.A.four m2.A.five n.x n.y");
    let lists = partition(&listed, no_group, &times(&SIX[..3]), 2);
    let [first, second] = ["m1.A.one m2.A.four n.x", "m1.B.three m1.A.two m2.A.five n.y"];
    assert_eq!(lists, [ids(first), ids(second)]);
}

#[test]
fn groups_are_placed_by_their_sum() {
    let listed = ids("m1.A.one m1.A.two m1.B.three m2.A.four m2.A.five m3.A.six");
    let times = times(&[&SIX[..], &[("m3.A.six", 700)]].concat());
    let lists = partition(&listed, module, &times, 2);
    let [first, second] = ["m1.A.one m1.A.two m1.B.three", "m3.A.six m2.A.four m2.A.five"];
    assert_eq!(lists, [ids(first), ids(second)]);
}

#[test]
fn more_workers_than_groups_leave_lists_empty() {
    let lists = partition(&ids("m1.a m1.b x"), module, &Times::new(), 4);
    assert_eq!(lists, [ids("m1.a m1.b"), ids("x"), ids(""), ids("")]);
    assert_eq!(partition(&ids("a b"), no_group, &Times::new(), 0), [ids("a b")]);
}

#[test]
fn sums_are_rounded_as_python_rounds_them() {
    // 0.1 + 0.2 > 0.3 in doubles, so the group goes first; with exact sums they would be equal.
    let listed = ids("c a1 a2");
    let times = times(&[("c", 300), ("a1", 100), ("a2", 200)]);
    let group = |id: &str| id.starts_with('a').then(|| "a".into());
    assert_eq!(partition(&listed, group, &times, 2), [ids("a1 a2"), ids("c")]);
}

#[test]
fn stestr_looks_up_times_without_tags() {
    let names = [
        ("a.b[id-1,smoke]", "a.b"),
        ("a.b[x](y)", "a.b(y)"),
        ("[x]a", "[x]a"),
        ("a]b[", "a]b["),
        ("a]b[c]", "a]b[c]"),
        ("a[b", "a[b"),
        ("é[ü]ö[z]", "éö[z]"),
    ];
    for (id, name) in names {
        assert_eq!(without_tags(id), name);
    }
    let times = times(&[("b", 500), ("c", 100)]);
    let time = |id: &str| times.get(&*without_tags(id)).copied();
    let lists = partition_by(&ids("a c[1] b[2]"), no_group, time, 2);
    assert_eq!(lists, [ids("b[2] a"), ids("c[1]")]);
}

#[test]
fn random_listings_are_split_as_the_originals_split_them() {
    for row in ROWS {
        let [workers, listing, expected] = row.split('|').collect::<Vec<_>>()[..] else {
            panic!("a row has three columns: {row}");
        };
        let (mut listed, mut times, mut groups) = (Vec::new(), Times::new(), Vec::new());
        for word in listing.split_whitespace() {
            let (word, group) = word.split_once('@').unwrap_or((word, ""));
            let (id, micros) = word.split_once(':').unwrap_or((word, ""));
            if let Ok(micros) = micros.parse() {
                times.insert(id.into(), Duration::from_micros(micros));
            }
            groups.push((id, group));
            listed.push(id.to_owned());
        }
        let group =
            |id: &str| groups.iter().find(|known| known.0 == id).map(|known| known.1.into());
        let lists = partition(&listed, group, &times, workers.trim().parse().unwrap());
        let expected: Vec<_> = expected.split('/').map(ids).collect();
        assert_eq!(lists, expected, "{row}");
    }
}

/// Workers, listing as `ID:MICROSECONDS@GROUP`, and the lists that the original's `partition_tests` gives
/// under six seeds of Python's hash.
const ROWS: &[&str] = &[
    "4 | b:0 ax ex:100000 ex:100000 e:200000 a:200000 | e ax / a / ex ex / b",
    "2 | c@a b:5738744 e:7954050@G f:9696328@I a:7530188 d:5875018@b | b d c a / f e",
    "5 | d g:300000@I k:200000 h:0@a b:0@a i@H l:100000@H f@H c@a a:100000 j@H e:200000@a | g d / k / h b c a e / i l f j / ",
    "4 | b e c d:200000@I a:200000@b f:0@G | d e / f c / b a / ",
    "1 | l@a d@a h@H c:2336239@a g:2193843 f:1021808@I a:2535887@b k:9400209@G m:467509@I e:8408101@H b:5878862@H i@H j:2018913@a | k a g f m h e b i l d c j",
    "2 | c:0 k:0 c:0 c:0 d b:300000 hx:0 k:0 c:0 i:200000 gx fx:200000 fx:200000 | b c c c c k k hx d / i fx fx gx",
    "2 | d:100000@H a:200000@a b@I c:100000@I | a / d b c",
    "5 | dx c e:6702685 a:1407450 c | e dx / a c c /  /  / ",
    "4 | m c:0 k@G j:200000@a g@H f h b@I n@G e@I l:0 a@H d@a i@b | c m h / l k n b e / j d g a i / f",
    "2 | i:100000 fx:200000 k:0 b:0 d:100000 h:200000 cx h:200000 g:0 c g:0 fx:200000 | fx fx d k cx / h h i b g g c",
    "5 | c:100000@a b@G a:100000 d:300000@a | c a d b /  /  /  / ",
    "3 | ax h:700000 d:100000 dx:300000 b hx:700000 ax c:100000 | h ax ax / hx b / dx d c",
    "1 | g:200000@G f:100000@a l:100000@b d a:0@b j c@I e@a h:200000@G i:100000@G b:0 k:100000@I | g h i l a b f e c k d j",
    "4 | c:2538648@G e:6841023@a b:2226458@a a:7972349@b d:9994472@G | c d / e b / a / ",
    "3 | hx c:100000 j:100000 d k:200000 e:200000 j:100000 e:200000 d c:100000 c:100000 jx:0 | k jx hx / e e d d / c c c j j",
    "4 | f:700000 c@I b@G g a:700000@H d:600000@H e:700000@G | a d c / f g / b e / ",
    "1 | gx:3946855 j c d:6540371 j hx:1796438 dx:4181869 ix:7414978 fx:7354336 d:6540371 dx:4181869 | ix fx d d dx dx gx hx j j c",
    "5 | b:100000@H j:0 l:0 n:100000 d:0 c:100000@H h i:200000@I k:200000@b f:200000 a:200000 e:0@G g m:200000 | b c h / i l d g / k j e / f n / a m",
    "2 | h d@b b:300000 a:300000@b f:300000 e:700000@I c@H i:700000@I g@H | e i h / f d b a c g",
    "4 | c d f:100000 f:100000 e g:200000 a:200000 | g c / a d / f f e / ",
    "1 | a:300000@H c@I b@G d@G e@I | a c e b d",
    "5 | b e:100000 d@b a c:0 | e b d / c a /  /  / ",
    "1 | a:3875947@a f@G j@b c g@a d@G e:3962997@b h:5068485@b k:569277@H b:3214074@b i@a | k j e h b a g i f d c",
    "1 | g:300000 b:200000 d:200000 c:0 g:300000 a g:300000 c:0 | g g g b d c c a",
    "5 | a:8902793 e e h:2561409 b fx e ax | a e e e / h b / fx / ax / ",
    "4 | k@G e d:300000 h:300000 m@b b:100000@a f@H i@I a:0 l:200000 j:200000 c@b g:0 | d k i / h e / l g m c / j b a f",
    "4 | a:300000@a g:100000@H c:300000@a i@H f@H e:700000 d:100000@G b:300000@H h:700000@I | e / h / a c / d g i f b",
    "5 | lx a:100000 l:200000 c:100000 b:200000 i:200000 h e:200000 a:100000 ax:100000 k jx:100000 | l lx / b h / i jx k / e ax / a a c",
    "1 | a:3568407 g@H h:8159020 i@G b:9694983 f l:7688678@b m:1509230 j:2196201 d:1780369 c e@a k:1403521 | b l h j d m k a e g i f c",
    "4 | e:300000@G d:300000@H a@H c:300000@b b | e / d a / c b / ",
    "1 | a:100000 h f:100000 hx:300000 fx:100000 d:600000 c i h e:100000 dx:700000 e:100000 e:100000 c | dx d hx a f fx e e e h h c c i",
    "3 | c:8611981@I b:6398647@H a:1196916@G | c / b / a",
    "4 | ax:100000 d:200000 h hx b:0 a:100000 h i:100000 bx | d h h / ax hx / a bx / i b",
    "3 | g@b d:100000 a e:700000 f:600000@I b:700000@a c | e g / f c / d a b",
    "2 | h:100000@a j@I e@b a:0@b b:0@a c@I f@a g:0@G d:100000@I i:100000@I | g h b f e a / j c d i",
    "4 | e:7384716 bx:174140 c:6725879 g:1259755 b:7788796 b:7788796 ax:9000053 | ax / b b / e bx / c g",
    "2 | c:0 i:300000 e@H d j b h f:200000@a a@I k:200000@b g:100000@H | i e g d h / f c b k j a",
    "4 | b@I a:700000@a c:700000@I d:300000@b | a / d / b c / ",
    "4 | d:0 a:0 c:200000 dx:200000 c:200000 dx:200000 | c c / dx dx / d / a",
    "5 | f:6693652 i:1639098 d:4982139 h:423852@a e j:678669@a b:1443460@I a:6456168 c@G g:2217408 | h j a e / f c / d / g / i b",
    "2 | a@H f:300000@b c:300000@H e@b d@H b@b | a c d / f e b",
    "3 | k:100000 e ax:300000 f:100000 d:600000 cx l h:100000 dx:600000 l k:100000 ex:700000 lx:300000 | ex k k f e / d lx h cx / dx ax l l",
    "4 | j@I f:0 g c:100000@b k i b:0 l:200000@b h:100000 e:0 d a | c b l j d / h g a / f k / e i",
    "5 | d:1883608@a b:8891563@b c e@a a:1429529@b f:8208709@b | b a f c / d e /  /  / ",
    "3 | b ix:0 g:0 d:0 bx:200000 a:100000 a:100000 a:100000 d:0 | bx b / a a a / ix g d d",
    "5 | k@I n:600000 g c@H j:600000 e:700000@I i@b d:300000 a f:700000 m h b:700000 l | f g l / n c / j a / d i b m / k e h",
    "2 | b@b f:200000@a c:100000@H a:100000@I d@H e:200000@H | f b / a c d e",
    "5 | e bx a jx:1567809 b:5666921 j cx:6703460 e a a | cx e e / b bx / jx a a a / j / ",
    "5 | b:700000@H a@a j:600000@a c:600000 m@G l:300000@a e@H g:600000@I i:700000@H f:300000 d@G k:300000@I h:300000@I | g k h m d / c / f / b e i / a j l",
    "3 | b f:7032155@b a@a e:5549110 d c:6083584 | c a / e d / b f",
    "4 | j@b g@H d:100000@I l:100000@I b:300000@b a:0@I e:300000@a k:200000@b f@a h@H c:300000@a i@H | d l a g h i / e f c / j b k / ",
    "3 | a:100000 a:100000 a:100000 c:700000 c:700000 | c c / a a a / ",
    "1 | d:100000@I f:100000 e:100000 c b@G a g:0@H | d f e g c b a",
    "4 | a@I b:2352498@b h@H j@a i:3481376@b e@b d:101104@G g:4169515@a c@I f:5012634@G | d f a c / b i e h / j g / ",
    "1 | b:300000@I f:100000 c:300000@H d e g:600000@I a | b g c f d e a",
    "2 | m@H h@b b@b d:100000@H l:0@H e:0@b g:100000 c:200000@I i:100000@G a:200000@H j:100000@G f@H k:100000@b | c g h b e k / i j m d l a f",
    "1 | e g:5858595 ix j:9958868 b:540884 d:8343784 j:9958868 i:4350430 a b:540884 bx:5776719 j:9958868 c:5554273 fx | j j j d g bx c i b b e ix a fx",
    "5 | f d:200000 c:200000 g:200000 b:0@b a:300000@H e:300000@I | a f / e / d / c / g b",
    "4 | b:100000 d:600000 a@a c:100000@G | d a / b / c / ",
    "2 | f:200000 ax b h c:200000 hx:100000 f:200000 a | f f ax h / c hx b a",
    "5 | e:6636062@I a:1819119@I k:5733523 g:6036483 h c:6849397 b:4476977@H f@I i:1866870@G d:7888969@b j | d h / c j / g / k e a f / b i",
    "5 | d:0 b:300000@H e@H c:100000@I g:0@b a:200000@a f:300000@H | a / c / d / g / b e f",
    "2 | a:300000 cx i:600000 fx:300000 k:100000 b:600000 g:100000 j:100000 k:100000 a:300000 i:600000 ex | i i fx k k cx / b a a g j ex",
    "4 | b:200000@G i@a j:200000 e:100000@b m:200000@b g:100000 d c:100000@H l@b a:0 n@b f:100000 h@H k:200000@G | b k i a / j d / g c h / f e m l n",
    "3 | ix a:0 j g:300000 i ax i h d:0 b:200000 | g ix ax / b j h / a d i i",
    "4 | f:300000@G a n@H g b:600000@G c h:700000 j:600000 l@G d:100000 i k m@a e:300000@G | h a m i / j n k / d g / f b l e c",
    "4 | b h@a f@a j:0@a d:200000@a a@a k@G l@b g@G i:0@H e@H c@H | h f j d a b l / k g / i e c / ",
    "1 | d:0@I e:100000 g@H h a:100000 f b:100000 c@I | e a b d c g h f",
    "3 | h@a b:600000@I j:700000@a i@b a@H c d:300000@H f:600000@I e:600000 g@G | b f i / e a d c / h j g",
    "1 | d:100000 e gx:200000 g:100000 b:200000 ex:0 c:200000 gx:200000 g:100000 i | gx gx b c d g g ex e i",
    "3 | f@I i:100000@I h:200000@a d@G c@G b@H g@I a@H e:100000 | h d c / e b a / f i g",
    "3 | d@I b:7672465@a a:7306001@H c:957670@H | a c d / b / ",
    "5 | f k:100000@G l:600000 h@I i:600000 e:700000@H b:100000@b a:700000 n:300000@I g d@b m:600000 c:100000@H j:700000 | e c f / a b d g / j h n / l k / i m",
    "1 | c c cx bx f:8464925 f:8464925 | f f c c cx bx",
    "3 | b@a c f:100000 e@I a:200000 d@b | f c / b a e / d",
    "5 | f:700000@H j@H b:100000@H i:100000@G k@H d@a g@b l:300000@H a:700000@H c:300000@a e:700000@I h@G | e g / f j b k l a / d c / i h / ",
    "2 | c:100000 c:100000 d l l j:100000 e g:200000 a:100000 a:100000 b:100000 m:100000 gx:100000 hx:200000 | g j a a gx d e / hx c c b m l l",
    "2 | b:8316442@a e:6215704@H d:8001290@H c@a a@I f@H | e d f a / b c",
    "4 | b:600000 c dx:600000 h g c ex:300000 ax ax | b c c / dx h / ex g / ax ax",
    "3 | c@G h@I b:6384132@a f:5650873@b d:4512200@H g@a i@a a@I e@I | f c / d h a e / b g i",
    "2 | m:100000@I a@I d:0@H h:0@b j:0@G k@b b:0@I f:200000@I c@H g i:200000@G n:0 e:100000@b l@H | j i h k e d c l / n m a b f g",
    "3 | j a gx:9118810 e:6237727 j i:9873945 j cx:2481714 d dx b:451106 | i j j j dx / gx a / e cx b d",
    "3 | a b@a c:100000@H d:0@a | c a b d /  / ",
    "4 | dx:100000 b:200000 ax:100000 a:100000 | b / dx / ax / a",
    "3 | b:200000@H c:0@b d:200000@G e@b f:100000@b a:100000@b | b / d / c e f a",
    "3 | a d:600000 e:300000 e:300000 e:300000 | d a / e e e / ",
    "3 | f:0@a a:0 e:100000@H j:100000 c:100000@a g:200000@a d:200000 h:100000@b b:100000@H k:0 i:0@G | f a c g / e b h / d j k i",
    "3 | d@b e:6189604@I b@I a:2939197@a c:5212150@H | c d / a / e b",
    "5 | i g f i e:0 j:200000 f f i c:0 nx c:0 f ax:200000 | j i i i / ax g / e f f f f / c c nx / ",
    "2 | d@H k:100000@a h@a f j@H c@I m:700000@H n:600000@b g:600000@b e:300000@a b a i:600000@I l@H | n g b k h e a f / d j m l c i",
];
