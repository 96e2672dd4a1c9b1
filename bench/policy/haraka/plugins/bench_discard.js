/**
 * A plugin of Haraka that drops every message, as its queue/discard does, and counts the checks
 * that came out as they should: per connection for the lists and the HELO name, per message for
 * the rest.
 */
const counts = require(process.env.POSTERN_BENCH_COUNTS);

exports.hook_queue = function (next, connection) {
  const { transaction, notes } = connection;
  if (!notes.isCounted) {
    notes.isCounted = true;
    if (connection.results.get('dns-list')?.pass?.length === 2) counts.lists += 1;
    if (connection.results.get('spf')?.result === 'Pass') counts.spfHelo += 1;
  }
  if (transaction.results.get('spf')?.result === 'Pass') counts.spfMail += 1;
  if (transaction.results.get('dkim')?.pass?.length === 1) counts.dkim += 1;
  counts.messages += 1;
  next(OK);
};
