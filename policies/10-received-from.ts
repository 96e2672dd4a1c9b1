/**
 * Marks every accepted message with the client it came from.
 *
 * The smallest useful policy: when the header block is complete, one field is put in. Whatever
 * receives the mail behind this server can filter by it.
 */
import { definePolicy } from 'postern/policy';

export default definePolicy({
  name: 'received-from',

  onHeadersReceived(ctx) {
    // All of them, because the client may have written some itself.
    ctx.removeHeader('X-Postern-Client');
    ctx.addHeader('X-Postern-Client', `${ctx.remoteSmtpIp} (${ctx.ehloHost})`);
  },
});
