use super::*;

#[test]
fn every_usual_spelling_of_a_column() {
    for (column, names) in [
        (
            Column::Number,
            &[
                "Nr. crt.",
                "NR.CRT",
                "Nr. Crt",
                "Nr crt.",
                "Număr curent",
                "Numărul curent",
                "No.",
                "Nr.",
                "Crt.",
            ][..],
        ),
        (
            Column::Reference,
            &[
                "Cota",
                "Cotă",
                "Nr. dosar",
                "Nr. dosarului",
                "Numărul dosarului",
                "Referință",
                "Referinţa",
                "Nr. u.a.",
                "Dosar nr.",
                "File no.",
                "Reference code",
                "Cota veche",
            ],
        ),
        (
            Column::ScheduleCode,
            &[
                "Indicativ",
                "Indicativul",
                "Indicativ dosar după nomenclator",
                "Indicativul dosarului (după nomenclator)",
                "Indicativul dosarului după nomenclatorul arhivistic",
                "Indicativ nomenclator",
                "Schedule code",
            ],
        ),
        (
            Column::Title,
            &[
                "Conținutul pe scurt al dosarului",
                "Conţinutul pe scurt al dosarului, registrului etc.",
                "CONTINUTUL PE SCURT",
                "Con?inutul pe scurt",
                "Denumirea dosarului",
                "Titlul",
                "Conținut",
                "Title",
                "Cuprinsul dosarului",
            ],
        ),
        (
            Column::ExtremeDates,
            &[
                "Date extreme",
                "Datele extreme",
                "Anii extremi",
                "Data extremă / date extreme",
                "Perioada",
                "Anul",
                "Ani",
                "Dates",
                "Datele extreme ale documentelor",
            ],
        ),
        (
            Column::Leaves,
            &[
                "Nr. file",
                "Nr. filelor",
                "Numărul filelor",
                "Număr file",
                "Nr. de file",
                "Numar de file",
                "File",
                "Total file",
                "Leaves",
                "Nr. file dosar",
            ],
        ),
        (
            Column::Retention,
            &[
                "Termen de păstrare",
                "Termenul de păstrare",
                "TERMEN DE PASTRARE",
                "Termen păstrare (ani)",
                "T.P.",
                "Retention term",
                "Termen de p?strare",
            ],
        ),
        (
            Column::Department,
            &[
                "Compartiment",
                "Compartimentul",
                "Serviciul",
                "Compartimentul creator",
                "Department",
            ],
        ),
        (
            Column::Remarks,
            &[
                "Observații",
                "Observaţii",
                "OBS.",
                "Obs",
                "Mențiuni",
                "Remarks",
                "Observa?ii",
            ],
        ),
        (Column::FirstDate, &["De la", "Data început"]),
        (Column::LastDate, &["Până la", "Data încheierii"]),
    ] {
        for name in names {
            assert_eq!(column_of(name), Some(column), "{name}");
        }
    }
    for name in [
        "Cutie",
        "Raft",
        "Primăria comunei",
        "1",
        "",
        "Hotărâri ale consiliului",
        "Profil",
        "Nr. pagini",
    ] {
        assert_eq!(column_of(name), None, "{name}");
    }
}
