//! A risk list of invented people in the twenty-nine columns of an integrated care board, the same every time: nobody
//! here exists, and every NHS number is of a range that is never issued (999, and 998 after it), with its right check digit.

use std::io::Write;

const SURNAMES: [&str; 48] = [
    "Adeyemi",
    "Ahmed",
    "Ali",
    "Bailey",
    "Begum",
    "Bennett",
    "Brown",
    "Campbell",
    "Carter",
    "Chowdhury",
    "Clarke",
    "Davies",
    "Evans",
    "Fernandes",
    "Gallagher",
    "Grant",
    "Green",
    "Hall",
    "Harris",
    "Hughes",
    "Jackson",
    "Johnson",
    "Jones",
    "Kaur",
    "Khan",
    "Kowalska",
    "Lewis",
    "MacDonald",
    "Mensah",
    "Morgan",
    "Murphy",
    "Nguyễn",
    "O'Hara",
    "Okafor",
    "Palmer",
    "Patel",
    "Quinn",
    "Roberts",
    "Shah",
    "Singh",
    "Smith",
    "Taylor",
    "Thomas",
    "Walker",
    "White",
    "Williams",
    "Wiśniewska",
    "Wright",
];
const SECOND: [&str; 16] = [
    "", "", "", "", "", "", "-Ashby", "-Baker", "-Cole", "-Dunn", "-Eade", "-Ford", "-Gray", "-Hill", "-Marsh", "-Wood",
];
const FORENAMES: [&str; 40] = [
    "Ada",
    "Ahmed",
    "Alan",
    "Amina",
    "Anne",
    "Arthur",
    "Beryl",
    "Brian",
    "Catherine",
    "Chidi",
    "Doris",
    "Edna",
    "Eileen",
    "Farida",
    "Frank",
    "George",
    "Grace",
    "Harold",
    "Hilda",
    "Irene",
    "Ivy",
    "Jean",
    "John",
    "Joyce",
    "Kathleen",
    "Leonard",
    "Linh",
    "Margaret",
    "Mary",
    "Maureen",
    "Mohammed",
    "Nasreen",
    "Norman",
    "Olive",
    "Peter",
    "Rita",
    "Stanley",
    "Vera",
    "Walter",
    "Winifred",
];
const PRACTICES: [&str; 12] = [
    "Elm Grove Surgery",
    "Canal Street Practice",
    "The Orchard Practice",
    "Park View Medical Centre",
    "Mill Lane Surgery",
    "Lime Tree Practice",
    "Riverside Surgery",
    "High Street Practice",
    "Beech Close Surgery",
    "St Agnes Practice",
    "Northfield Medical Centre",
    "The Old Forge Surgery",
];

const TOWNS: [&str; 6] = ["ZZ1", "ZZ2", "ZZ3", "ZZ4", "ZZ10", "ZZ11"];
const DOCTORS: [&str; 10] = [
    "Dr A Example",
    "Dr B Sample",
    "Dr C Specimen",
    "Dr D Pattern",
    "Dr E Instance",
    "Dr F Model",
    "Dr G Mould",
    "Dr H Figure",
    "Dr I Token",
    "Dr J Type",
];

/// The header of the list.
pub const HEADER: &str = "NHS Number,Surname,Forename,Date of Birth,Gender,Practice Code,Practice Name,Postcode,Risk Score,Risk Band,Risk Tool,Risk Date,eFI Score,eFI Category,Rockwood Score,Rockwood Date,LTC Count,A&E Attendances 12m,Emergency Admissions 12m,Last Admission Date,OOH/111 Contacts 12m,Lives Alone,Housebound,Has Carer,Lives in Care Home,On Palliative Register,ReSPECT,Named GP,Care Coordinator";

/// A small generator of numbers that look like chance (xorshift, Marsaglia 2003).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }

    fn pick<'t>(&mut self, from: &[&'t str]) -> &'t str {
        let at = usize::try_from(self.roll(from.len() as u64)).unwrap_or(0);
        from.get(at).copied().unwrap_or_default()
    }
}

/// The `n`th number of a range of a million, or none where its check digit would be ten.
fn nhs_number(range: u64, n: u64) -> Option<u64> {
    let body = range * 1_000_000 + n;
    let mut rest = body;
    let mut sum = 0;
    for weight in 2..=10 {
        sum += rest % 10 * weight;
        rest /= 10;
    }
    match 11 - sum % 11 {
        10 => None,
        // Ten nines are a filler, not a number.
        _ if body == 999_999_999 => None,
        11 => Some(body * 10),
        check => Some(body * 10 + check),
    }
}

/// A list of `rows` people with its header, at most 1,800,000.
pub fn list(rows: usize) -> String {
    let mut out = Vec::with_capacity(rows * 200 + 600);
    // Nothing can go wrong while memory is written to.
    let _ = write(rows, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

/// Writes such a list, row by row.
pub fn write(rows: usize, out: &mut impl Write) -> std::io::Result<()> {
    writeln!(out, "{HEADER}")?;
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    // A step without a common factor with a million goes through every number once, in no visible order.
    let numbers = [999, 998].into_iter().flat_map(|range| {
        (0..1_000_000_u64).map(|n| n * 387_421 % 1_000_000).filter_map(move |n| nhs_number(range, n))
    });
    for number in numbers.take(rows) {
        row(&mut dice, number, out)?;
    }
    Ok(())
}

fn row(dice: &mut Dice, number: u64, out: &mut impl Write) -> std::io::Result<()> {
    let (surname, second, forename) = (dice.pick(&SURNAMES), dice.pick(&SECOND), dice.pick(&FORENAMES));
    let born = (1 + dice.roll(28), 1 + dice.roll(12), 1928 + dice.roll(50));
    let sex = if dice.roll(2) == 0 { "F" } else { "M" };
    let practice = dice.roll(12);
    let name = usize::try_from(practice).ok().and_then(|at| PRACTICES.get(at)).copied().unwrap_or_default();
    write!(
        out,
        "{number},{surname}{second},{forename},{:02}/{:02}/{},{sex},Z{:05},{name},{} {}AA,",
        born.0,
        born.1,
        born.2,
        99_000 + practice,
        dice.pick(&TOWNS),
        1 + dice.roll(9),
    )?;
    let score = dice.roll(1000);
    let band = match score {
        900.. => "High",
        600..=899 => "Medium",
        _ => "Low",
    };
    let efi = dice.roll(60);
    let frailty = match efi {
        37.. => "Severe",
        25..=36 => "Moderate",
        13..=24 => "Mild",
        _ => "Fit",
    };
    write!(out, "{}.{},{band},Exampleton Index,01/11/2025,0.{efi:02},{frailty},", score / 10, score % 10)?;
    let rockwood = dice.roll(12);
    let on = (1 + dice.roll(28), 1 + dice.roll(10));
    match rockwood {
        // Some have not been looked at yet.
        0..=2 => write!(out, ",,")?,
        _ => write!(out, "{},{:02}/{:02}/2025,", 1 + rockwood % 9, on.0, on.1)?,
    }
    let (conditions, attendances, admissions, calls) = (dice.roll(9), dice.roll(6), dice.roll(4), dice.roll(5));
    write!(out, "{conditions},{attendances},{admissions},")?;
    let on = (1 + dice.roll(28), 1 + dice.roll(10));
    if admissions > 0 {
        write!(out, "{:02}/{:02}/2025", on.0, on.1)?;
    }
    let mut yes = |of: u64| if dice.roll(of) == 0 { "Y" } else { "N" };
    write!(out, ",{calls},{},{},{},{},{},{},", yes(2), yes(5), yes(4), yes(15), yes(40), yes(20))?;
    let doctor = dice.pick(&DOCTORS);
    let coordinator = if dice.roll(20) == 0 { "Pat Example" } else { "" };
    writeln!(out, "{doctor},{coordinator}")
}
