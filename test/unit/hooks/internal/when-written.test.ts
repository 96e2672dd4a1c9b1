/** The internal policies that judge only what was set in the event itself. */
import { describe, expect, it } from 'vitest';
import { definePolicy } from '../../../../src/hooks/define-policy.js';
import { geoIpBan } from '../../../../src/hooks/internal/geo-ip-ban.js';
import { spfFail } from '../../../../src/hooks/internal/spf-fail.js';
import { openBench } from '../../../helpers/policy-bench.js';

const INTERNAL = [{ file: '(built in)', exported: [spfFail, geoIpBan] }];

describe('internal:spf-fail', () => {
  it('judges MAIL by whatever is known, and later events by what was set in them', async () => {
    const setting = definePolicy({
      name: 'setting',
      onRcptTo(ctx) {
        if (ctx.rcptTo === 'b@example.com') ctx.SPFResult = 'Fail';
      },
    });
    const bench = openBench(setting, { last: INTERNAL });
    expect((await bench.run('onMailFrom', { SPFResult: 'Fail' })).action).toBe('reject');
    expect((await bench.run('onRcptTo', { rcptTo: 'a@example.com' })).action).toBe('');
    expect(await bench.run('onRcptTo', { rcptTo: 'b@example.com' })).toMatchObject({
      action: 'reject',
      decidedBy: 'internal:spf-fail',
      codes: { code: 550, enhanced: '5.7.23' },
    });
  });

  it('gives the text of the check only for what the check found', async () => {
    const explained = async (SPFResult: 'Pass' | 'Fail', write?: 'Fail' | 'None'): Promise<string> => {
      const setting = definePolicy({
        name: 'setting',
        onMailFrom(ctx) {
          if (write !== undefined) ctx.SPFResult = write;
        },
      });
      const bench = openBench(setting, { last: INTERNAL });
      const values = { SPFResult, SPFExplanation: 'what the check said' };
      const { explanation } = await bench.run('onMailFrom', values);
      return `${explanation}|${String(bench.session.value('SPFExplanation') ?? '')}`;
    };
    expect(await explained('Pass', 'Fail')).toBe('SPF validation failed|');
    expect(await explained('Fail', 'Fail')).toBe(
      'SPF validation failed: what the check said|what the check said',
    );
    expect(await explained('Fail')).toBe('SPF validation failed: what the check said|what the check said');
    expect(await explained('Fail', 'None')).toBe('|');
  });

  it('does not judge what a failed handler had set', async () => {
    const broken = definePolicy({
      name: 'broken',
      onFailure: 'accept',
      onRcptTo(ctx) {
        ctx.SPFResult = 'Fail';
        throw new Error('no');
      },
    });
    expect((await openBench(broken, { last: INTERNAL }).run('onRcptTo')).action).toBe('');
  });

  it('makes nobody hear onBodyChunk', () => {
    const { session } = openBench(null, { last: INTERNAL });
    expect(session.hears('onBodyChunk')).toBe(false);
    expect(session.hears('onMailFrom')).toBe(true);
  });
});

describe('internal:geoip-ban', () => {
  it.each([
    ['Reject', 'reject'],
    ['TmpReject', 'tmpreject'],
    ['Accept', ''],
  ] as const)('does what ActionGeoIPBan says: %s', async (wanted, action) => {
    const policy = definePolicy({
      name: 'geo',
      onEhlo(ctx) {
        ctx.ActionGeoIPBan = wanted;
      },
    });
    const bench = openBench(policy, { last: INTERNAL });
    expect((await bench.run('onEhlo', { IsGeoIPBanned: 'yes' })).action).toBe(action);
    expect((await bench.run('onEhlo', { IsGeoIPBanned: 'no' })).action).toBe('');
  });

  it('names the country, or says that it is not known', async () => {
    const said = async (GeoIPResult: string): Promise<string> => {
      const policy = definePolicy({ name: 'geo', onEhlo: (ctx) => void (ctx.ActionGeoIPBan = 'Reject') });
      const bench = openBench(policy, { last: INTERNAL });
      const values = { IsGeoIPBanned: 'yes', GeoIPResult, remoteSmtpIp: '192.0.2.1' } as const;
      return (await bench.run('onEhlo', values)).explanation;
    };
    expect(await said('FR')).toBe('No mail from 192.0.2.1: its country (FR) is not admitted');
    expect(await said('')).toBe('No mail from 192.0.2.1: its country is not known');
  });

  it('does not take up again what an earlier event has passed over', async () => {
    const policy = definePolicy({
      name: 'geo',
      onConnect(ctx) {
        ctx.ActionGeoIPBan = 'Reject';
        ctx.smtpAction = 'accept';
      },
    });
    const bench = openBench(policy, { last: INTERNAL });
    expect((await bench.run('onConnect', { IsGeoIPBanned: 'yes' })).action).toBe('accept');
    expect((await bench.run('onEhlo')).action).toBe('');
  });
});
