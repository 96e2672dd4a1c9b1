import { describe, expect, it } from 'vitest';
import type { SettingSpec } from '../../../src/settings/setting-spec.js';
import {
  adminSettings,
  controllerOf,
  NOTHING_SET,
  SETTINGS_TABLE,
} from '../../../src/settings/settings-table.js';

describe('the table of administrative settings', () => {
  it('has the settings of MailSmtp, as they are printed', () => {
    expect(Object.keys(SETTINGS_TABLE.MailSmtp)).toEqual([
      'auth_mode',
      'smtp_greeting',
      'concurrency_incoming',
      'timeout_smtpd',
      'databytes',
      'mta_level_outgoing_email_address_blacklist',
      'mta_level_email_address_blacklist',
      'realtime_sbl_blacklists',
      'realtime_sbl_reply_code',
    ]);
  });

  it('says of each row what holds while it is not set', () => {
    for (const spec of Object.values<SettingSpec>(SETTINGS_TABLE.MailSmtp)) {
      expect('initial' in spec || 'unset' in spec).toBe(true);
    }
  });

  it('knows its controllers, and nothing that an object has besides', () => {
    expect(controllerOf('MailSmtp')).toBe(SETTINGS_TABLE.MailSmtp);
    expect([controllerOf('toString'), controllerOf('__proto__'), controllerOf('Mailsmtp')]).toEqual(
      new Array(3).fill(undefined),
    );
  });

  it('sets nothing but empty lists and the code of block lists by itself', () => {
    const { MailSmtp } = NOTHING_SET;
    expect(JSON.parse(JSON.stringify(MailSmtp))).toEqual({
      mta_level_outgoing_email_address_blacklist: [],
      mta_level_email_address_blacklist: [],
      realtime_sbl_blacklists: [],
      realtime_sbl_reply_code: 451,
    });
  });

  it('completes what is given', () => {
    const { MailSmtp } = adminSettings({ MailSmtp: { databytes: 5 } });
    expect([MailSmtp.databytes, MailSmtp.smtp_greeting, MailSmtp.realtime_sbl_reply_code]).toEqual([
      5,
      undefined,
      451,
    ]);
    expect(Object.isFrozen(MailSmtp)).toBe(true);
  });
});
