//! What can be written on the command line. Help texts are written for people who see them first.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::examples::{
    APPLY_EXAMPLE, CHECK_EXAMPLE, EXIT_CODES, EXPLAIN_EXAMPLE, LINEAGE_EXAMPLE, LSP_EXAMPLE,
    PLAN_EXAMPLE, PREVIEW_EXAMPLE, RECORD_EXAMPLE, RUN_EXAMPLE, SANDBOX_EXAMPLE, SCHEMA_EXAMPLE,
    TEST_EXAMPLE,
};

/// Declarative mappings: YAML says how records of one system become records of another.
#[derive(Debug, Parser)]
#[command(name = "crosswalk", version, max_term_width = 100, after_help = EXIT_CODES)]
#[command(disable_help_subcommand = true)]
pub(super) struct CommandLine {
    #[command(subcommand)]
    pub(super) command: Command,
}

/// What is to be done.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Check mappings and their environment, without a network: every fault in one pass
    #[command(after_help = CHECK_EXAMPLE)]
    Check(Check),
    /// Explain a code of a finding; or of a record where each value comes from and what became of it
    #[command(after_help = EXPLAIN_EXAMPLE)]
    Explain(Explain),
    /// Serve editors: findings as you type, completion, hover, definitions, quick fixes
    #[command(after_help = LSP_EXAMPLE)]
    Lsp(Lsp),
    /// Show what a run would change, and why; nothing is written to the target
    #[command(after_help = PLAN_EXAMPLE)]
    Plan(Plan),
    /// Ask the target what the actions of one record would come to; nothing is sent
    #[command(after_help = PREVIEW_EXAMPLE)]
    Preview(Preview),
    /// Carry out a saved plan
    #[command(after_help = APPLY_EXAMPLE)]
    Apply(Apply),
    /// Plan and apply in one go
    #[command(after_help = RUN_EXAMPLE)]
    Run(Run),
    /// Run golden cases: what comes out of records against what is expected
    #[command(after_help = TEST_EXAMPLE)]
    Test(Test),
    /// Make a golden case of a record, its personal values replaced
    #[command(after_help = RECORD_EXAMPLE)]
    Record(Record),
    /// Show which fields that are sent depend on which that are read, and the other way round
    #[command(after_help = LINEAGE_EXAMPLE)]
    Lineage(Lineage),
    /// Pin what the org and the tenant have, and compare it with what they have today
    #[command(after_help = SCHEMA_EXAMPLE)]
    Schema(Schema),
    /// Serve an emulated Salesforce and an emulated Zuora on this machine
    #[command(after_help = SANDBOX_EXAMPLE)]
    Sandbox(Sandbox),
}

/// Arguments of `check`.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// Folders of mapping sets, or mapping files of them [default: all sets below ./mappings, or
    /// those that have the environment]
    #[arg(value_name = "SET")]
    pub(super) sets: Vec<PathBuf>,
    /// The environment, a file environments/NAME.yaml of each set [default: embedded, where the
    /// set has it]
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// Load the embedded org from this folder of NDJSON files, one per object
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// The form of what is found
    #[arg(long, visible_alias = "output", value_enum, default_value_t = Format::Human)]
    pub(super) format: Format,
    /// Whether colours are used
    #[arg(long, alias = "colour", value_enum, default_value_t = Colours::Auto, value_name = "WHEN")]
    pub(super) color: Colours,
}

/// Arguments of `explain`.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// A code, as a finding shows it: CW0101; or the Id of a record [default: list all codes]
    #[arg(value_name = "CODE|RECORD")]
    pub(super) code: Option<String>,
    /// Of a record: only this field of what is sent, and what lies in it
    #[arg(value_name = "FIELD")]
    pub(super) field: Option<String>,
    /// Take the record from this golden case; its name is taken, too
    #[arg(long, value_name = "CASE", conflicts_with_all = ["set", "env", "data", "plan"])]
    pub(super) case: Option<PathBuf>,
    /// Say what this saved plan would do with it, instead of what was done
    #[arg(long, value_name = "PLAN")]
    pub(super) plan: Option<PathBuf>,
    /// The mapping set, or one mapping file of it [default: the only set below ./mappings that
    /// has the environment]
    #[arg(long, value_name = "SET")]
    pub(super) set: Option<PathBuf>,
    /// The environment that has the record [default: embedded, where the set has it]
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// Load the embedded org from this folder of NDJSON files, one per object
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    #[command(flatten)]
    pub(super) keep: Keep,
    #[command(flatten)]
    pub(super) look: Look,
}

impl Explain {
    /// The record that is to be explained; none where a code is, or all of them are.
    pub(super) fn record(&self) -> Option<&str> {
        let is_code = |text: &str| {
            let digits = text.strip_prefix("CW").or_else(|| text.strip_prefix("cw"));
            digits.is_some_and(|rest| rest.len() <= 4 && rest.bytes().all(|b| b.is_ascii_digit()))
        };
        let bare = |text: &str| text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
        let named = self.case.is_some() || self.data.is_some() || self.field.is_some();
        self.code.as_deref().filter(|text| !is_code(text) && (named || !bare(text)))
    }

    /// Where the record is.
    pub(super) fn place(&self) -> Place {
        Place { set: self.set.clone(), env: self.env.clone(), data: self.data.clone() }
    }
}

/// Arguments of `schema`.
#[derive(Debug, Args)]
pub(super) struct Schema {
    #[command(subcommand)]
    pub(super) command: SchemaCommand,
}

/// What is to be done with schemas.
#[derive(Debug, Subcommand)]
pub(super) enum SchemaCommand {
    /// Write what the org and the tenant have to files that an environment can name
    Pull(SchemaPull),
    /// Compare what is pinned with what is there, as far as the mappings use it
    Diff(SchemaDiff),
    /// Print the JSON Schema of mapping files, for editors
    Mapping,
}

/// Arguments of `schema pull`.
#[derive(Debug, Args)]
pub(super) struct SchemaPull {
    #[command(flatten)]
    pub(super) place: SchemaPlace,
    /// Write to this folder [default: the one that the environment names, else schemas/NAME of
    /// the set]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Only this object; may be given several times
    #[arg(long, value_name = "NAME")]
    pub(super) object: Vec<String>,
    /// Take Zuora's objects from this OpenAPI document (JSON); no system is asked
    #[arg(long, value_name = "FILE")]
    pub(super) openapi: Option<PathBuf>,
}

/// Arguments of `schema diff`.
#[derive(Debug, Args)]
pub(super) struct SchemaDiff {
    #[command(flatten)]
    pub(super) place: SchemaPlace,
    /// Compare with what was pulled into this folder; no system is asked
    #[arg(long, value_name = "DIR")]
    pub(super) against: Option<PathBuf>,
    /// Compare with this OpenAPI document of Zuora (JSON); no system is asked
    #[arg(long, value_name = "FILE", conflicts_with = "against")]
    pub(super) openapi: Option<PathBuf>,
}

/// Which mappings, where, and how it is shown.
#[derive(Debug, Args)]
pub(super) struct SchemaPlace {
    #[command(flatten)]
    pub(super) place: Place,
    #[command(flatten)]
    pub(super) look: Look,
}

/// Arguments of `lsp`.
#[derive(Debug, Args)]
pub(super) struct Lsp {
    /// The environment that mappings are checked in [default: embedded, where the set has it]
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// Editors say how they speak; this is the only way, and the default
    #[arg(long, hide = true)]
    pub(super) stdio: bool,
}

/// The form of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people, with the lines of the files
    Human,
    /// JSON lines, one per finding and one at the end
    Json,
    /// One SARIF 2.1.0 document, for code scanning
    Sarif,
    /// One JUnit report, for whatever shows tests
    Junit,
    /// Workflow commands of GitHub, which annotate the lines of a change
    Github,
}

/// Arguments of `plan`.
#[derive(Debug, Args)]
pub(super) struct Plan {
    #[command(flatten)]
    pub(super) place: Place,
    #[command(flatten)]
    pub(super) keep: Keep,
    #[command(flatten)]
    pub(super) pick: Pick,
    /// Save the plan to this file, for `crosswalk apply`
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Show every field of every object that would be created
    #[arg(long)]
    pub(super) verbose: bool,
    /// Ask the target what each action would come to, and compare it with what the source says
    #[arg(long)]
    pub(super) preview: bool,
    #[command(flatten)]
    pub(super) look: Look,
}

/// Arguments of `preview`.
#[derive(Debug, Args)]
pub(super) struct Preview {
    /// The id of the record
    #[arg(value_name = "RECORD")]
    pub(super) record: String,
    /// The mapping set [default: the only set below ./mappings that has the environment]
    #[arg(long, value_name = "SET")]
    pub(super) set: Option<PathBuf>,
    /// The mapping [default: each of the set that makes actions and reads the record]
    #[arg(long, value_name = "NAME")]
    pub(super) mapping: Option<String>,
    /// The environment [default: embedded, where the set has it]
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// Load the embedded org from this folder of NDJSON files, one per object
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// The day that the mapping sees as today, in UTC [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) as_of: Option<String>,
    #[command(flatten)]
    pub(super) keep: Keep,
    #[command(flatten)]
    pub(super) look: Look,
}

/// Arguments of `apply`.
#[derive(Debug, Args)]
pub(super) struct Apply {
    /// The plan, as `crosswalk plan --out` saved it
    #[arg(value_name = "PLAN")]
    pub(super) plan: PathBuf,
    /// The mapping set that the plan was made from [default: the only set below ./mappings that
    /// has the environment]
    #[arg(long, value_name = "SET")]
    pub(super) set: Option<PathBuf>,
    /// The environment [default: the one that the plan was made in]
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// Load the embedded org from this folder of NDJSON files, one per object
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    #[command(flatten)]
    pub(super) keep: Keep,
    /// End with 1 also when records were rejected
    #[arg(long)]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) look: Look,
}

/// Arguments of `run`.
#[derive(Debug, Args)]
pub(super) struct Run {
    #[command(flatten)]
    pub(super) place: Place,
    #[command(flatten)]
    pub(super) keep: Keep,
    #[command(flatten)]
    pub(super) pick: Pick,
    /// For an `emit` mapping: the file to read (.json, .ndjson, .csv), instead of an environment
    #[arg(long, value_name = "FILE", requires = "target")]
    pub(super) source: Option<PathBuf>,
    /// For an `emit` mapping: the file to write; `-` is the standard output
    #[arg(long, value_name = "FILE", requires = "source")]
    pub(super) target: Option<PathBuf>,
    /// End with 1 also when records were rejected
    #[arg(long)]
    pub(super) strict: bool,
    #[command(flatten)]
    pub(super) look: Look,
}

/// Arguments of `test`.
#[derive(Debug, Args)]
pub(super) struct Test {
    /// Folders of sets or of cases, mapping files, or names of cases [default: all sets below
    /// ./mappings]
    #[arg(value_name = "SET|CASE")]
    pub(super) what: Vec<PathBuf>,
    /// Write what comes out as what is expected. Look at what has changed before you keep it
    #[arg(long)]
    pub(super) bless: bool,
    /// End with 1 also when a part of a mapping is used by no case
    #[arg(long)]
    pub(super) complete: bool,
    /// For people, as JSON lines, or as JUnit XML
    #[arg(long, visible_alias = "output", value_enum, default_value_t = TestFormat::Human)]
    pub(super) format: TestFormat,
    /// Whether colours are used
    #[arg(long, alias = "colour", value_enum, default_value_t = Colours::Auto, value_name = "WHEN")]
    pub(super) color: Colours,
}

/// Arguments of `record`.
#[derive(Debug, Args)]
pub(super) struct Record {
    /// The Id of the record
    #[arg(value_name = "RECORD")]
    pub(super) record: String,
    /// The name of the case: a folder that is not there yet
    #[arg(value_name = "CASE")]
    pub(super) name: String,
    /// The mapping set, or one mapping file of it [default: the only set below ./mappings that
    /// has the environment]
    #[arg(long, value_name = "SET")]
    pub(super) set: Option<PathBuf>,
    /// The environment that has the record [default: embedded, where the set has it]
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// Load the embedded org from this folder of NDJSON files, one per object
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
    /// The day that the mapping sees as today, in UTC [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) as_of: Option<String>,
    /// Keep personal values as they are
    #[arg(long)]
    pub(super) personal: bool,
    #[command(flatten)]
    pub(super) keep: Keep,
    #[command(flatten)]
    pub(super) look: Look,
}

impl Record {
    /// Where the record is.
    pub(super) fn place(&self) -> Place {
        Place { set: self.set.clone(), env: self.env.clone(), data: self.data.clone() }
    }
}

/// Arguments of `lineage`.
#[derive(Debug, Args)]
pub(super) struct Lineage {
    /// A field of either side, a table, a map or an object [default: all]
    #[arg(value_name = "FIELD")]
    pub(super) field: Option<String>,
    /// The mapping set, or one mapping file of it [default: the only set below ./mappings that
    /// has the environment]
    #[arg(long, value_name = "SET")]
    pub(super) set: Option<PathBuf>,
    /// The environment that fills the mappings' params [default: embedded, where the set has it]
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// For people, as JSON, or as one page of HTML with a graph
    #[arg(long, visible_alias = "output", value_enum, default_value_t = LineageFormat::Human)]
    pub(super) format: LineageFormat,
    /// Write it to this file
    #[arg(long, value_name = "FILE")]
    pub(super) out: Option<PathBuf>,
    /// Whether colours are used
    #[arg(long, alias = "colour", value_enum, default_value_t = Colours::Auto, value_name = "WHEN")]
    pub(super) color: Colours,
}

impl Lineage {
    fn look(&self) -> Look {
        let json = self.format == LineageFormat::Json;
        Look { output: if json { Output::Json } else { Output::Human }, color: self.color }
    }

    /// Which mappings.
    pub(super) fn place(&self) -> Place {
        Place { set: self.set.clone(), env: self.env.clone(), data: None }
    }
}

/// The form of lineage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LineageFormat {
    /// For people
    Human,
    /// Nodes and edges; with a field, a line for each that is meant
    Json,
    /// One page that needs nothing else
    Html,
}

/// The form of what tests show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum TestFormat {
    /// For people
    Human,
    /// JSON lines
    Json,
    /// One JUnit document, for a CI that shows test results
    Junit,
}

/// Arguments of `sandbox`.
#[derive(Debug, Args)]
pub(super) struct Sandbox {
    #[command(flatten)]
    pub(super) place: Place,
    /// Keep what is written in this folder [default: below .crosswalk]
    #[arg(long, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
    /// The port of Salesforce on 127.0.0.1; 0 takes any
    #[arg(long, value_name = "N", default_value_t = 4700)]
    pub(super) salesforce_port: u16,
    /// The port of Zuora on 127.0.0.1; 0 takes any
    #[arg(long, value_name = "N", default_value_t = 4701)]
    pub(super) zuora_port: u16,
    /// Write one JSON line per request to this file
    #[arg(long, value_name = "FILE")]
    pub(super) request_log: Option<PathBuf>,
    #[command(flatten)]
    pub(super) look: Look,
}

/// Which mappings, and where they run.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Place {
    /// The folder of a mapping set, or one mapping file of it [default: the only set below
    /// ./mappings that has the environment]
    #[arg(value_name = "SET")]
    pub(super) set: Option<PathBuf>,
    /// The environment, a file environments/NAME.yaml of the set [default: embedded, where the
    /// set has it]
    #[arg(long, value_name = "NAME")]
    pub(super) env: Option<String>,
    /// Load the embedded org from this folder of NDJSON files, one per object
    #[arg(long, value_name = "DIR")]
    pub(super) data: Option<PathBuf>,
}

/// What is remembered from one run to the next, and where.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Keep {
    /// Keep the ledger, the last plan and the state of embedded services in this folder
    /// [default: below .crosswalk]
    #[arg(long, value_name = "DIR")]
    pub(super) state: Option<PathBuf>,
    /// The ledger, instead of the one that the environment names
    #[arg(long, value_name = "FILE")]
    pub(super) ledger: Option<PathBuf>,
    /// Write one JSON line per request that the embedded services get to this file
    #[arg(long, value_name = "FILE")]
    pub(super) request_log: Option<PathBuf>,
}

/// Which records, and as of which day.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Pick {
    /// Only the record of this id; may be given several times
    #[arg(long, value_name = "ID")]
    pub(super) only: Vec<String>,
    /// Only records that have changed, or whose related records have, since the last run of this
    /// mapping that left nothing open; deleted records are not noticed
    #[arg(long, conflicts_with = "only")]
    pub(super) changed: bool,
    /// The day that the mapping sees as today, in UTC [default: today]
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub(super) as_of: Option<String>,
}

/// How things are shown.
#[derive(Clone, Copy, Debug, Args)]
pub(super) struct Look {
    /// For people, or as JSON lines with the same facts
    #[arg(long, value_enum, default_value_t = Output::Human)]
    pub(super) output: Output,
    /// Whether colours are used
    #[arg(long, alias = "colour", value_enum, default_value_t = Colours::Auto, value_name = "WHEN")]
    pub(super) color: Colours,
}

/// The form of what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people
    Human,
    /// JSON lines
    Json,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Colours {
    /// On a terminal
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

impl Check {
    /// How things are shown that are no findings.
    fn look(&self) -> Look {
        let output = if self.format == Format::Json { Output::Json } else { Output::Human };
        Look { output, color: self.color }
    }
}

impl Command {
    /// How things are shown.
    pub(super) fn look(&self) -> Look {
        match self {
            Self::Check(check) => check.look(),
            Self::Explain(explain) => explain.look,
            Self::Lsp(_) => Look { output: Output::Human, color: Colours::Never },
            Self::Plan(plan) => plan.look,
            Self::Preview(preview) => preview.look,
            Self::Apply(apply) => apply.look,
            Self::Run(run) => run.look,
            Self::Test(test) => test.look(),
            Self::Record(record) => record.look,
            Self::Lineage(lineage) => lineage.look(),
            Self::Schema(Schema { command }) => match command {
                SchemaCommand::Pull(pull) => pull.place.look,
                SchemaCommand::Diff(diff) => diff.place.look,
                SchemaCommand::Mapping => Look { output: Output::Human, color: Colours::Never },
            },
            Self::Sandbox(sandbox) => sandbox.look,
        }
    }
}

impl Test {
    fn look(&self) -> Look {
        let output = if self.format == TestFormat::Json { Output::Json } else { Output::Human };
        Look { output, color: self.color }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        super::CommandLine::command().debug_assert();
    }
}
