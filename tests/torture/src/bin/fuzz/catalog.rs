//! What can be called, as the catalog has it: a new function is fuzzed by itself.

use postgres::{Client, Error};

/// A parameter.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// Its type, as SQL writes it.
    pub kind: String,
}

/// A function.
#[derive(Debug, Clone)]
pub struct Function {
    /// Its name, with the schema.
    pub name: String,
    /// What it takes, org_id at the end.
    pub parameters: Vec<Parameter>,
    /// How many of them have no default.
    pub required: usize,
    /// Whether it says that it only reads.
    pub is_stable: bool,
}

impl Function {
    /// Its name and what it takes, as its overloads differ in that.
    pub fn label(&self) -> String {
        let short = self.name.rsplit('.').next().unwrap_or_default();
        let kinds: Vec<&str> = self.parameters.iter().map(|own| own.kind.as_str()).collect();
        format!("{short}({})", kinds.join(", "))
    }
}

/// All functions of the extension whose names begin with promo_.
pub fn functions(client: &mut Client) -> Result<Vec<Function>, Error> {
    let rows = client.query(
        "SELECT format('%I.%I', n.nspname, p.proname), p.proargnames,
                ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (t, place) ORDER BY place),
                (p.pronargs - p.pronargdefaults)::int, p.provolatile <> 'v'
           FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
           JOIN pg_depend d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
           JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'promotion_engine'
          WHERE p.proname LIKE 'promo\\_%' AND n.nspname <> 'promo' AND p.prorettype <> 'trigger'::regtype
          ORDER BY 1, p.oid::regprocedure::text",
        &[],
    )?;
    let function = |row: postgres::Row| {
        let (names, kinds): (Option<Vec<String>>, Vec<String>) = (row.get(1), row.get(2));
        let names = names.unwrap_or_default();
        let parameter = |(place, kind)| Parameter { name: names.get(place).cloned().unwrap_or_default(), kind };
        Function {
            name: row.get(0),
            parameters: kinds.into_iter().enumerate().map(parameter).collect(),
            required: usize::try_from(row.get::<_, i32>(3)).unwrap_or(0),
            is_stable: row.get(4),
        }
    };
    Ok(rows.into_iter().map(function).collect())
}
