/**
 * What policy authors import as `postern/policy`.
 *
 * Re-exports only; everything here is documented in docs/policy-guide.md.
 */
export { definePolicy, rule } from './hooks/define-policy.js';
export type { EventName, MethodName, VariableName } from './hooks/table/index.js';
export type {
  Context,
  FilterSlot,
  Handler,
  Hook,
  Json,
  Order,
  Policy,
  PolicyList,
  ValueOf,
} from './hooks/types.js';
export type { ParsedAttachment, ParsedMessage, ParseOutcome } from './message/mime/parsed-message.js';
