//! A caseload list of invented people, the same every time: nobody here exists, and every NHS number is of the range
//! that is never issued (999), with its right check digit.

use std::fmt::Write as _;

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
const STREETS: [&str; 12] = [
    "Acacia Road",
    "Beech Close",
    "Canal Street",
    "Elm Grove",
    "Garden Walk",
    "High Street",
    "Lime Avenue",
    "Mill Lane",
    "Orchard Way",
    "Park View",
    "School Lane",
    "Station Road",
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

/// The `n`th number of the range 999, or none where its check digit would be ten.
fn nhs_number(n: u64) -> Option<u64> {
    let body = 999_000_000 + n;
    let mut rest = body;
    let mut sum = 0;
    for weight in 2..=10 {
        sum += rest % 10 * weight;
        rest /= 10;
    }
    match 11 - sum % 11 {
        10 => None,
        11 => Some(body * 10),
        check => Some(body * 10 + check),
    }
}

/// A list of `rows` people with its header, at most 900,000.
pub fn list(rows: usize) -> String {
    let mut out = String::with_capacity(rows * 190 + 400);
    out.push_str("NHS Number,Surname,Forename,Date of Birth,Gender,Address,Postcode,Telephone,Practice Code,Practice Name,Risk Score,Risk Band,eFI Score,Rockwood Score,LTC Count,A&E Attendances 12m,Emergency Admissions 12m,Lives Alone,Care Coordinator\n");
    let mut dice = Dice(0x9e37_79b9_7f4a_7c15);
    // A step without a common factor with a million goes through every number once, in no visible order.
    let numbers = (0..1_000_000_u64).map(|n| n * 387_421 % 1_000_000).filter_map(nhs_number);
    for number in numbers.take(rows) {
        let (surname, second, forename) = (dice.pick(&SURNAMES), dice.pick(&SECOND), dice.pick(&FORENAMES));
        let (day, month, year) = (1 + dice.roll(28), 1 + dice.roll(12), 1928 + dice.roll(50));
        let sex = if dice.roll(2) == 0 { "F" } else { "M" };
        let practice = dice.roll(12);
        let name = usize::try_from(practice).ok().and_then(|at| PRACTICES.get(at)).copied().unwrap_or_default();
        let score = dice.roll(1000);
        let band = match score {
            900.. => "High",
            600..=899 => "Medium",
            _ => "Low",
        };
        let coordinator = if dice.roll(20) == 0 { "Pat Example" } else { "" };
        let _ = writeln!(
            out,
            "{number},{surname}{second},{forename},{day:02}/{month:02}/{year},{sex},\"{} {}, Exampleton\",ZZ{} {}AA,01632 960{:03},Z0000{},{name},{}.{},{band},0.{:02},{},{},{},{},{},{coordinator}",
            1 + dice.roll(200),
            dice.pick(&STREETS),
            1 + dice.roll(9),
            dice.roll(10),
            dice.roll(1000),
            practice % 10,
            score / 10,
            score % 10,
            dice.roll(60),
            1 + dice.roll(9),
            dice.roll(9),
            dice.roll(6),
            dice.roll(4),
            if dice.roll(2) == 0 { "Y" } else { "N" },
        );
    }
    out
}
