/**
 * The internal policy for countries: what becomes of a client that checkGeoIp found banned.
 *
 * ActionGeoIPBan says it, `Reject` unless a policy sets something else, in the event in which the
 * client was checked or the action was set. It runs last, so a policy's own smtpAction wins.
 *
 * Callers: app passes it to the loader.
 */
import { definePolicy } from '../define-policy.js';
import type { Context, Policy } from '../types.js';
import { whenWritten } from './when-written.js';

type Judged = Pick<
  Context<'onConnect'>,
  'IsGeoIPBanned' | 'GeoIPResult' | 'ActionGeoIPBan' | 'smtpAction' | 'smtpExplanation'
>;

const judge = whenWritten(['IsGeoIPBanned', 'ActionGeoIPBan'], (ctx: Judged) => {
  const action = ctx.ActionGeoIPBan ?? 'Reject';
  if (ctx.IsGeoIPBanned !== 'yes' || action === 'Accept') return;
  ctx.smtpAction = action === 'Reject' ? 'reject' : 'tmpreject';
  const enhanced = action === 'Reject' ? '5.7.1' : '4.7.1';
  const reason =
    (ctx.GeoIPResult ?? '') === ''
      ? 'its country is not known'
      : 'its country (%GeoIPResult%) is not admitted';
  ctx.smtpExplanation = `${enhanced} No mail from %remoteSmtpIp%: ${reason}`;
});

export const geoIpBan: Policy = definePolicy({
  name: 'internal:geoip-ban',
  order: 'post',
  onConnect: judge,
  onEhlo: judge,
  onMailFrom: judge,
  onRcptTo: judge,
  onHeadersReceived: judge,
  onBodyChunk: judge,
  onDataReceived: judge,
});
