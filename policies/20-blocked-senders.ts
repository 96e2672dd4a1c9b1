/**
 * Refuses senders that you name, with a reason that they can read.
 *
 * An entry is an address or a whole domain. Try it: send a message from anybody@blocked.test and
 * give the reference at the end of the reply to `postern explain`.
 */
import { definePolicy } from 'postern/policy';

const BLOCKED: ReadonlySet<string> = new Set(['blocked.test', 'spammer@example.org']);

export default definePolicy({
  name: 'blocked-senders',

  onMailFrom(ctx) {
    const domain = ctx.mailFromDomain.toLowerCase();
    const address = ctx.mailFrom.toLowerCase();
    if (!BLOCKED.has(domain) && !BLOCKED.has(address)) return;
    ctx.smtpAction = 'reject';
    ctx.smtpExplanation = '550 5.7.1 Mail from %mailFromDomain% is not accepted here';
  },
});
