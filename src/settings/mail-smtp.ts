/**
 * The settings of the controller MailSmtp: the inbound server.
 *
 * Names and documented defaults are those of the administration interface that they come from;
 * `documented` is what it shows, and is not in force: what is not set leaves postern.yaml as it is.
 *
 * Callers: settings-table.
 */
export const MAIL_SMTP = {
  auth_mode: {
    kind: 'choice',
    values: [
      'auth_no/tls_no',
      'auth_no/tls_optional',
      'auth_optional/tls_no',
      'auth_withtls/tls_optional',
      'auth_optional/tls_optional',
    ],
    documented: 'auth_optional/tls_optional',
    unset: 'listeners[].auth, authInClear and tls',
    doc: 'Whether listeners of the kind mx offer AUTH and STARTTLS. auth_optional takes passwords in clear, auth_withtls only after STARTTLS and answers 538 before it. What a listener requires in postern.yaml, and TLS from the first octet, it goes on to require.',
  },
  smtp_greeting: {
    kind: 'greeting',
    // Reply code, a space, ` ESMTP` and the line end have to fit into 512 octets with it.
    longest: 400,
    documented: 'InterWorx-CP SMTP Server',
    unset: 'hostname and a text of Postern',
    doc: 'Sent as 220 text ESMTP, and as the text of the answers to HELO, EHLO and QUIT. Its first word must be the full host name of this server, which the documented default does not hold to. Listeners of the kind lmtp keep their own.',
  },
  concurrency_incoming: {
    kind: 'integer',
    min: 1,
    max: 1_000_000,
    documented: '20',
    unset: 'limits.maxConnections',
    doc: 'Open connections of all listeners together. One more is answered 421 at once; it does not wait until another one ends.',
  },
  timeout_smtpd: {
    kind: 'integer',
    min: 1,
    // The longest time that a timer of the run time can be set to.
    max: 2_147_483,
    unit: 'seconds',
    documented: '1200',
    unset: 'listeners[].idleTimeout',
    doc: 'A connection on which nothing was heard for so many seconds is closed. It holds for listeners of the kinds mx, submission and submissions.',
  },
  databytes: {
    kind: 'integer',
    min: 0,
    max: 4_194_303,
    unit: 'MB of 1048576 octets',
    documented: '20',
    unset: 'limits.maxDataSize',
    doc: 'Largest message, announced with SIZE. 0 sets no limit but that of Postern itself, 4294967295 KB. Policies may set another value for a session.',
  },
  mta_level_outgoing_email_address_blacklist: {
    kind: 'patterns',
    most: 10_000,
    documented: '[!%#:*^(){}], @.*@, @reject$',
    initial: [],
    doc: 'Patterns of recipients, in both directions: a recipient that one of them hits is refused with 553, the other recipients of the message are not.',
  },
  mta_level_email_address_blacklist: {
    kind: 'patterns',
    most: 10_000,
    documented: '.*\\ @.*, !.*@.*\\..*, .*%.*',
    initial: [],
    doc: 'Patterns of senders: where one of them hits, every recipient of the message is refused with 553. The empty sender is never looked at.',
  },
  realtime_sbl_blacklists: {
    kind: 'zones',
    most: 32,
    documented: 'bl.spamcop.net',
    initial: [],
    doc: 'DNS block lists. Mail of a client that is on one of them is refused at each recipient, unless the client has logged in or is in a trusted network. A list that does not answer refuses nobody.',
  },
  realtime_sbl_reply_code: {
    kind: 'choice',
    values: [451, 553],
    documented: 'not in the original',
    initial: 451,
    doc: 'With what a client on a block list is refused: 451 lets it try again, 553 does not.',
  },
} as const;
