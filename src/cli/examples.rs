//! What stands below the options in the help of a command: examples, and how the program ends.

/// What every `--help` of the program ends with.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0  all was done; records that the mapping itself rejects are counted, and end so too
  1  done, but something is in conflict, blocked, failed, in doubt or not written back, or a
     preview shows drift (with --strict also: rejected)
  2  the mapping, the environment or the arguments are wrong; nothing was done
  3  a service, a file or the ledger could not be used; what was begun is resumed by the next run
  70 a fault of crosswalk itself";

pub(super) const CHECK_EXAMPLE: &str = "\
Examples:
  crosswalk check                                                every set below ./mappings
  crosswalk check mappings/salesforce-cpq-to-zuora --env embedded
  crosswalk check --format sarif > crosswalk.sarif

Ends with 0 when there is no error (warnings are none), else with 2.";

pub(super) const EXPLAIN_EXAMPLE: &str = "\
Examples:
  crosswalk explain CW0401
  crosswalk explain                                              all codes
  crosswalk explain 01t5e000003KzYVAA0 BillingPeriod --set mappings/my-set
                                                                 a record, as it was sent
  crosswalk explain 01t5e000003KzYVAA0 --plan today.plan
  crosswalk explain Backup --case block-prices";

pub(super) const SCHEMA_EXAMPLE: &str = "\
Examples:
  crosswalk schema pull mappings/my-set --env sandbox-org
  crosswalk schema pull mappings/my-set --env sandbox-org --openapi zuora.json
  crosswalk schema diff mappings/my-set --env sandbox-org
  crosswalk schema diff mappings/my-set --env sandbox-org --against mappings/my-set/schemas/production
  crosswalk schema mapping > mapping.schema.json

`diff` ends with 1 when something that the mappings use has changed and breaks them.";

pub(super) const LSP_EXAMPLE: &str = "\
Example (Neovim):
  vim.lsp.start({ name = 'crosswalk', cmd = { 'crosswalk', 'lsp' }, root_dir = vim.fn.getcwd() })

It speaks the language server protocol on its standard input and output: findings as you type, the
same that `crosswalk check` has, completion, hover, definitions and quick fixes.";

pub(super) const PLAN_EXAMPLE: &str = "\
Example:
  crosswalk plan mappings/my-set/catalog.yaml --env sandbox-org --out today.plan
  crosswalk apply today.plan --env sandbox-org

Signs: + created, ~ changed, = taken over as it is, - retired, → sent, ? only previewed,
! in conflict or blocked.";

pub(super) const PREVIEW_EXAMPLE: &str = "\
Example:
  crosswalk preview 8005e000000abcDAAQ --env sandbox-org

Shows the first bill, and by how much MRR and TCV would change, against what the source says.
Ends with 1 when they differ by more than the tolerance of the mapping.";

pub(super) const APPLY_EXAMPLE: &str = "\
Example:
  crosswalk apply today.plan --env sandbox-org

A plan is refused when the mapping, the org or the tenant are not those it was made for.";

pub(super) const RUN_EXAMPLE: &str = "\
Examples:
  crosswalk run mappings/salesforce-cpq-to-zuora         the built-in data, on the embedded services
  crosswalk run mappings/my-set --data ../exports/my-org a folder of your own records
  crosswalk run --env sandbox-org --only 01t5e000003KzYVAA0
  crosswalk run orders.yaml --source orders.csv --target -";

pub(super) const TEST_EXAMPLE: &str = "\
Examples:
  crosswalk test                                       all cases of all sets below ./mappings
  crosswalk test mappings/salesforce-cpq-to-zuora
  crosswalk test block-prices --bless                  write what comes out as what is expected

Ends with 0 when all cases come out as expected, with 1 when one does not, with 2 when a case or
its mapping is wrong.";

pub(super) const RECORD_EXAMPLE: &str = "\
Example:
  crosswalk record 01t5e000003KzYVAA0 two-price-books --env sandbox-org

Writes cases/two-price-books of the set. Names, mails, phones and streets are replaced, the same
value by the same everywhere; Ids and all other values stay. Look at what is left before you
share it.";

pub(super) const LINEAGE_EXAMPLE: &str = "\
Examples:
  crosswalk lineage --set mappings/my-set Product2.Family             what depends on it
  crosswalk lineage --set mappings/my-set ProductRatePlanCharge.UOM   what it is made of
  crosswalk lineage --set mappings/my-set --format html --out lineage.html
                                                                      a page to search and click

Nothing is read: what is shown holds for all records.";

pub(super) const SANDBOX_EXAMPLE: &str = "\
Example:
  crosswalk sandbox mappings/my-set --data ../exports/my-org --request-log requests.ndjson

The secrets that clients must show come from CROSSWALK_SANDBOX_SALESFORCE_SECRET and
CROSSWALK_SANDBOX_ZUORA_SECRET. Without them the secret is `embedded`: it protects nothing.";
