use proptest::prelude::*;

use super::Number;

fn number(text: &str) -> Number {
    Number::parse(text).unwrap_or_else(|e| panic!("{text}: {e}"))
}

#[test]
fn prints_as_terraform_does() {
    let third = "0.33333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333333\
                 333333333333333333333333333333333333333333333333333333335";
    let a_tenth_rest = "0.0100000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
                        00000000000000000000000000000000000000000000000000000000000000003";
    let squared = "1.210000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000\
                   0000000000000000000000000000000000000000000000000000000001";
    let rows = [
        (Number::ONE.div(&3.into()), third),
        (number("0.1").add(&number("0.2")), "0.3"),
        (number("1.1").mul(&number("1.1")), squared),
        (number("0.1").rem(&number("0.03")), a_tenth_rest),
        (Number::ONE.div(&3.into()).and_then(|n| n.mul(&3.into())), "1"),
        (number("-5").rem(&3.into()), "-2"),
        (number("5").rem(&(-3).into()), "2"),
        (number("-7.5").rem(&2.into()), "-1.5"),
        (number("10").rem(&number("3.5")), "3"),
        (
            number("9223372036854775807").mul(&number("9223372036854775807")),
            "85070591730234615847396907784232501249",
        ),
        (number("9007199254740993").add(&0.into()), "9007199254740993"),
        (number("1.5e-7").add(&0.into()), "0.00000015"),
        (Number::from(2).pow(&62.into()), "4611686018427388000"),
        (Number::from(3).pow(&50.into()), "717897987691852600000000"),
        (Number::from(10).pow(&30.into()), "1000000000000000000000000000000"),
        (number("1.1").pow(&number("2.5")), "1.2690587062858836"),
        (Number::from(2).pow(&number("0.5")), "1.4142135623730951"),
        (
            Number::from(2).pow(&number("0.5")).and_then(|n| n.mul(&2.into())),
            "2.828427124746190290949243717477656900882720947265625",
        ),
        (Number::from(2).pow(&64.into()), "18446744073709550000"),
        (number("4.43").pow(&number("1.27")), "6.6211394119839815"),
        (number("9.49018130458018").pow(&number("-3.1479324481780626")), "0.000838698489589667"),
        (Number::from(14).log(&7.into()), "1.3562071871080223"),
        (Number::from(10).log(&3.into()), "2.095903274289385"),
        (Number::from(1000).log(&10.into()), "2.9999999999999996"),
        (
            number("1e200").mul(&number("1e200")).and_then(|n| n.add(&1.into())),
            &format!("1{}", "0".repeat(400)),
        ),
    ];
    for (result, expected) in rows {
        assert_eq!(result.expect("in range").to_string(), *expected);
    }
}

#[test]
fn reads_what_terraform_reads() {
    let rows = [
        ("1p3", "8"),
        (".5", "0.5"),
        ("5.", "5"),
        ("+5", "5"),
        ("01", "1"),
        ("1E+5", "100000"),
        ("-0", "0"),
        ("9223372036854775808", "9223372036854775808"),
        ("-9223372036854775808", "-9223372036854775808"),
    ];
    for (text, expected) in rows {
        assert_eq!(number(text).to_string(), expected, "{text}");
    }
    for text in ["", " 5", "5 ", "1_0", "0x10", "1e", "e5", ".", "-", "--1", "1e5.5", "abc", "1b", "∞"] {
        assert_eq!(Number::parse(text).expect_err(text).0, "a number is required", "{text}");
    }
    for text in ["1e999999999", "1e-999999999", "1e99999999999999999999", "1p99999999"] {
        assert!(Number::parse(text).is_err(), "{text} would take megabytes");
    }
    assert_eq!(number("1e400").to_string().len(), 401);
    assert_eq!(number("1e-400").to_string().len(), 402);
}

#[test]
fn equality_goes_by_the_printed_form() {
    let sum = number("1.1").add(&number("2.2")).expect("in range");
    assert!(!sum.same_text(&number("3.3")));
    let log = Number::from(10).log(&3.into()).expect("in range");
    assert!(log != number("2.095903274289385") && log.same_text(&number("2.095903274289385")));
}

#[test]
fn rounds_to_decimals() {
    let rows = [
        ("1.005", 2, "1.00"),
        ("1.015", 2, "1.02"),
        ("0.125", 2, "0.12"),
        ("0.375", 2, "0.38"),
        ("-0.5", 0, "-0"),
        ("9.99", 1, "10.0"),
        ("0.001", 1, "0.0"),
        ("12", 3, "12.000"),
        ("1e20", 1, "100000000000000000000.0"),
    ];
    for (text, decimals, expected) in rows {
        assert_eq!(number(text).to_fixed(decimals), expected, "{text} to {decimals}");
    }
    assert_eq!(number("1234.5678").to_scientific(Some(2)), "1.23e+03");
    assert_eq!(number("0.00012").to_scientific(None), "1.2e-04");
    assert_eq!(number("1e6").to_general(None), "1e+06");
    assert_eq!(number("123456").to_general(None), "123456");
    assert_eq!(number("123456789").to_general(Some(10)), "123456789");
    assert_eq!(number("12345678912345").to_general(Some(10)), "1.234567891e+13");
    assert_eq!(number("0.00001").to_general(Some(10)), "1e-05");
    assert_eq!(number("255").to_radix(16).as_deref(), Some("ff"));
    assert_eq!(number("-5").to_radix(2).as_deref(), Some("-101"));
    assert_eq!(number("1.5").to_radix(2), None);
}

#[test]
fn reads_other_bases() {
    let rows =
        [("zz", 36, "1295"), ("FF", 16, "255"), ("-101", 2, "-5"), ("aA", 62, "656"), ("Zz", 62, "3817")];
    for (text, radix, expected) in rows {
        assert_eq!(Number::parse_radix(text, radix).expect(text).to_string(), expected);
    }
    assert!(Number::parse_radix("12", 2).is_err());
    assert!(Number::parse_radix("", 10).is_err());
}

#[test]
fn rounds_towards_whole_numbers() {
    let rows =
        [("1.5", "1", "2", "1"), ("-1.5", "-2", "-1", "-1"), ("-0.5", "-1", "0", "0"), ("7", "7", "7", "7")];
    for (text, floor, ceil, trunc) in rows {
        let n = number(text);
        assert_eq!((n.floor(), n.ceil(), n.trunc()), (number(floor), number(ceil), number(trunc)), "{text}");
    }
}

#[test]
fn divides_by_zero_with_an_error() {
    assert_eq!(Number::ONE.div(&Number::ZERO).expect_err("no infinities").0, "Division by zero");
    assert!(Number::ONE.rem(&Number::ZERO).is_err());
    assert!(Number::from(i64::MIN).rem(&(-1).into()).is_ok_and(|n| n.is_zero()));
    assert_eq!(Number::from(i64::MIN).div(&(-1).into()).expect("fits").to_string(), "9223372036854775808");
}

fn any_number() -> impl Strategy<Value = Number> {
    prop_oneof![
        any::<i64>().prop_map(Number::from),
        (-100i64..100).prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        "-?[0-9]{1,40}(\\.[0-9]{1,40})?(e-?[0-9]{1,2})?".prop_map(|text| number(&text)),
    ]
}

proptest! {
    #[test]
    fn printing_and_reading_is_the_same_number(n in "-?[0-9]{1,60}(\\.[0-9]{1,60})?(e-?[0-9]{1,3})?") {
        let n = number(&n);
        prop_assert_eq!(&number(&n.to_string()), &n);
    }

    #[test]
    fn addition_and_multiplication_commute(a in any_number(), b in any_number()) {
        prop_assert_eq!(a.add(&b), b.add(&a));
        prop_assert_eq!(a.mul(&b), b.mul(&a));
        prop_assert_eq!(a.sub(&b).map(|n| -n), b.sub(&a));
    }

    #[test]
    fn order_agrees_with_subtraction(a in any_number(), b in any_number()) {
        let difference = a.sub(&b).expect("in range");
        prop_assert_eq!(a < b, difference.is_negative());
        prop_assert_eq!(a == b, difference.is_zero());
    }

    #[test]
    fn whole_numbers_that_fit_are_one_form(n in any::<i64>()) {
        let text = format!("{n}.000e0");
        prop_assert_eq!(number(&text).to_i64(), Some(n));
    }

    #[test]
    fn f64_round_trips(f in any::<f64>()) {
        if let Some(n) = Number::from_f64(f) {
            // There is one zero: the sum makes it of both.
            prop_assert_eq!(n.to_f64().to_bits(), (f + 0.0).to_bits());
        }
    }

    #[test]
    fn agrees_with_dashu(a in any_number(), b in any_number()) {
        // Of full precision, which numbers out of an `f64` are not.
        let (a, b) = (number(&a.to_string()), number(&b.to_string()));
        prop_assert_eq!(a.add(&b).expect("in range"), back(&(dashu(&a) + dashu(&b))));
        prop_assert_eq!(a.mul(&b).expect("in range"), back(&(dashu(&a) * dashu(&b))));
        if !b.is_zero() {
            prop_assert_eq!(a.div(&b).expect("in range"), back(&(dashu(&a) / dashu(&b))));
        }
    }
}

type Dashu = dashu_float::FBig<dashu_float::round::mode::HalfEven, 2>;

fn dashu(n: &Number) -> Dashu {
    let float = n.float();
    let sign = if float.negative { dashu_base::Sign::Negative } else { dashu_base::Sign::Positive };
    let exponent = isize::try_from(float.exponent).expect("small");
    Dashu::from_parts(dashu_int::IBig::from_parts(sign, float.mantissa), exponent)
        .with_precision(4000)
        .value()
}

/// Rounded once, from a result that is exact or has bits to spare.
fn back(n: &Dashu) -> Number {
    let n = n.clone().with_precision(512).value();
    let (significand, exponent) = n.repr().clone().into_parts();
    let (sign, mantissa) = significand.into_parts();
    let negative = sign == dashu_base::Sign::Negative;
    let exponent = i64::try_from(exponent).expect("small");
    Number::of(super::float::Float::exact(negative, mantissa, exponent, 512).expect("in range"))
}
