/**
 * The internal policy of the administrator: address blacklists and DNS block lists.
 *
 * One policy is made from one version of the settings, and listens only where these give it
 * something to do. It runs last, so that a policy's own smtpAction wins: `accept` in onRcptTo lets
 * the recipient pass, `accept` in onMailFrom the sender. The sender is looked at in onMailFrom, and
 * the refusal is given to each recipient. Address blacklists hold for everybody, block lists
 * neither for users who have logged in nor for clients that somebody vouches for.
 *
 * Callers: app passes it to the loader, anew at each change of the settings. A handler that fails
 * refuses nobody: what does not need the network is decided before anything is asked.
 */
import type { AdminSettings } from '../../settings/settings-table.js';
import { compilePatterns, type PatternList } from '../../settings/qregex.js';
import { runOf } from '../context.js';
import { definePolicy } from '../define-policy.js';
import type { Layer } from '../slots.js';
import type { Context, Policy } from '../types.js';
import { DENIED, type Hit, hitBy } from './admin-addresses.js';
import { type BlockListDeps, type BlockLists, createBlockLists } from './admin-block-lists.js';

type MailContext = Context<'onMailFrom'>;
type RcptContext = Context<'onRcptTo'>;

/** What the handlers of one version of the settings share. */
interface Lists {
  readonly senders: PatternList;
  readonly recipients: PatternList;
  readonly blockLists: BlockLists | undefined;
  readonly replyCode: 451 | 553;
  /** Senders that were hit, by the values of their transaction, with which they are forgotten. */
  readonly denied: WeakMap<Layer, Hit>;
}

type Refusal = Required<Pick<RcptContext, 'smtpAction' | 'smtpExplanation'>>;

function refuse(ctx: RcptContext, { smtpAction, smtpExplanation }: Refusal): void {
  ctx.smtpAction = smtpAction;
  ctx.smtpExplanation = smtpExplanation;
}

/** How the client is refused with each reply code that may be set; the text follows. */
const BY_REPLY_CODE = {
  451: { smtpAction: 'tmpreject', codes: '451 4.7.1' },
  553: { smtpAction: 'reject', codes: '553 5.7.1' },
} as const;

function lookAtSender({ senders, denied }: Lists, ctx: MailContext): void {
  if (ctx.mailFrom === '') return;
  const hit = hitBy(senders, ctx.mailFromLocalPart, ctx.mailFromDomain);
  if (hit) denied.set(runOf(ctx).scope.layer, hit);
}

/** Whether one of the address lists refuses; the trace keeps which pattern it was. */
function deniesAddress({ denied, recipients }: Lists, ctx: RcptContext): boolean {
  const run = runOf(ctx);
  const sender = denied.get(run.scope.layer);
  const recipient = sender ? undefined : hitBy(recipients, ctx.rcptToLocalPart, ctx.rcptToDomain);
  const hit = sender ?? recipient;
  if (!hit) return false;
  const list = sender ? 'mta_level_email_address_blacklist' : 'mta_level_outgoing_email_address_blacklist';
  run.found(list, [hit.address], hit.pattern);
  refuse(ctx, { smtpAction: 'reject', smtpExplanation: sender ? DENIED.sender : DENIED.recipient });
  return true;
}

async function askBlockLists({ blockLists, replyCode }: Lists, ctx: RcptContext): Promise<void> {
  const refusal = await blockLists?.refusalOf(runOf(ctx), ctx.remoteSmtpIp);
  if (refusal === undefined) return;
  const { smtpAction, codes } = BY_REPLY_CODE[replyCode];
  refuse(ctx, { smtpAction, smtpExplanation: `${codes} ${refusal}` });
}

function lookAtRecipient(lists: Lists, ctx: RcptContext): Promise<void> | undefined {
  if (deniesAddress(lists, ctx) || !lists.blockLists) return undefined;
  const { session } = runOf(ctx).states;
  const isExempt = ctx.authUser !== '' || session.isVouchedFor;
  return isExempt ? undefined : askBlockLists(lists, ctx);
}

/** The internal policy of these settings. */
export function adminPolicy(admin: AdminSettings, deps: BlockListDeps): Policy {
  const settings = admin.MailSmtp;
  const zones = settings.realtime_sbl_blacklists;
  const lists: Lists = {
    senders: compilePatterns(settings.mta_level_email_address_blacklist),
    recipients: compilePatterns(settings.mta_level_outgoing_email_address_blacklist),
    blockLists: zones.length > 0 ? createBlockLists(zones, deps) : undefined,
    replyCode: settings.realtime_sbl_reply_code,
    denied: new WeakMap(),
  };
  const hasSenders = lists.senders.size > 0;
  const hasWork = hasSenders || lists.recipients.size > 0 || lists.blockLists !== undefined;
  return definePolicy({
    name: 'internal:admin',
    order: 'post',
    onFailure: 'accept',
    ...(hasSenders ? { onMailFrom: (ctx: MailContext) => lookAtSender(lists, ctx) } : {}),
    ...(hasWork ? { onRcptTo: (ctx: RcptContext) => lookAtRecipient(lists, ctx) } : {}),
  });
}
