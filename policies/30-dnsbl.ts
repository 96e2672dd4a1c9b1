/**
 * Refuses clients that a DNS block list names.
 *
 * No list is asked until you name one below: which lists to trust, and on which terms, is the
 * operator's choice. A list that does not answer never refuses anybody.
 */
import { definePolicy } from 'postern/policy';

/** For example ['zen.example.org']; several are asked at once. */
const ZONES: readonly string[] = [];

export default definePolicy({
  name: 'dnsbl',

  async onConnect(ctx) {
    if (ZONES.length === 0) return;
    const { DNSBLResult } = await ctx.checkDNSBL(ZONES);
    if (DNSBLResult === '') return;
    ctx.smtpAction = 'reject';
    ctx.smtpExplanation = '554 5.7.1 %remoteSmtpIp% is listed: %DNSBLExplanation%';
  },
});
