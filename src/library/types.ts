/**
 * What programs that use the library see of the database and of calls.
 *
 * @module
 */

export type * from "../database/entries.ts";
export type {
  AddOutcome,
  AnyOutcome,
  ConflictOutcome,
  DetailsOutcome,
  DetailsSiteOutcome,
  DocumentOutcome,
  DoneOutcome,
  EditOutcome,
  ExistsOutcome,
  MergeOutcome,
  NotReportOutcome,
  Outcome,
  PublishedOutcome,
  PublishOutcome,
  RedactOutcome,
  RefusedOutcome,
  ReopenOutcome,
  RetiredOutcome,
  RetireOutcome,
  RetractOutcome,
  SetOutcome,
  SiteOutcome,
  TakenOutcome,
  UnknownEntryOutcome,
  UnknownSiteOutcome,
  UnmergeOutcome,
  ViewedOutcome,
  ViewOutcome,
} from "../database/wire/outcomes.ts";
export type {
  ChangeOptions,
  ChangesOptions,
  DocumentOptions,
  EditOptions,
  HistoryOptions,
  ListOptions,
  MarkOptions,
  SetOptions,
} from "../database/options.ts";
export type { DatabaseSize, Effect } from "../database/wire/outputs.ts";
export {
  type Availability,
  type BriefSite,
  type FullSite,
  type IdentifiedSite,
  type Identifier,
  type NamedSite,
  type ShownReport,
  type Site,
  type SourceReport,
  type Unit,
  ValueError,
} from "../database/values.ts";
export {
  type CallOptions,
  type CommandOutput,
  /** The former name of {@link CommandOutput}. */
  type CommandOutput as Reply,
  NotExecutedError,
  OutcomeUnknownError,
} from "../net/client/calls.ts";
