/**
 * The events after acceptance: relaying (SMTPOut) and queue processing (SMTPProc).
 *
 * Callers: events.ts, which joins all events. Cells are written out in full, because the type of
 * an exported table must not depend on spreads.
 */

export const ON_RELAY = {
  context: 'SMTPOut',
  doc: 'An outgoing connection is about to be opened; its destination and manners can be set.',
  vars: {
    remoteSmtpPort: {
      access: 'out',
      doc: 'TCP port to connect to. Unset, it is 25, or 465 with sslEnabled.',
    },
    remoteSmtpIp: {
      access: 'out',
      doc: 'Address to connect to; set, it wins over remoteSmtpHost and no MX is looked up.',
    },
    authUser: { access: 'out', doc: 'Login to use at the next hop. Unset, no login is tried.' },
    maxRcptCount: {
      access: 'out',
      default: 0,
      doc: 'Largest number of recipients in one outgoing transaction; 0 means no limit.',
    },
    mailFrom: 'in',
    mailFromLocalPart: 'in',
    mailFromDomain: 'in',
    mailFromAuthUser: 'in',
    rcptCount: { access: 'in', doc: 'Number of recipients of the message.' },
    allowStartTLS: { access: 'inout', doc: 'Whether STARTTLS is used when the next hop offers it.' },
    allowPipelining: { access: 'inout', doc: 'Whether PIPELINING is used when the next hop offers it.' },
    allow8BitMime: { access: 'inout', doc: 'Whether 8BITMIME is used when the next hop offers it.' },
    allowBinaryData: { access: 'inout', doc: 'Whether BINARYMIME is used when the next hop offers it.' },
    localInterface: 'inout',
    remoteSmtpHost: 'inout',
    authPasswd: 'out',
    isFromLocalDomain: 'in',
    mailSize: 'in',
    maxConnections: 'out',
    smtpConnectTimeout: 'out',
    chunkSize: 'out',
    requestAuth: 'out',
    strict7BitMime: 'out',
    sslEnabled: 'out',
    plainConnAuthTypes: 'inout',
    secureConnAuthTypes: 'inout',
    allowedSSLVersions: 'out',
  },
  methods: [],
} as const;

export const ON_DELIVERY_FAILURE = {
  context: 'SMTPProc',
  doc: 'Delivery has failed for good for a group of recipients; the notice to the sender can be shaped.',
  vars: {
    mailFrom: 'in',
    mailFromLocalPart: 'in',
    mailFromDomain: 'in',
    mailFromAuthUser: 'in',
    mailFromSize: 'in',
    sendNDR: { access: 'out', default: 'yes' },
    ndrAttachSource: { access: 'out', default: 'yes' },
    ndrSubject: 'out',
    ndrSender: 'out',
    ndrMessage: 'out',
    ndrRcptMessage: 'out',
    ndrMessageFooter: 'out',
    ndrRetryCount: 'in',
    ndrRcptAddress: 'in',
    ndrRcptFailInfo: 'in',
  },
  methods: [],
} as const;

export const ON_TEMPORARY_DELIVERY_FAILURE = {
  context: 'SMTPProc',
  doc: 'Delivery has failed for now for a group of recipients; a notice of the delay can be ordered and shaped.',
  vars: {
    mailFrom: {
      access: 'inout',
      doc: 'Envelope sender; a policy may change where the notice of the delay goes.',
    },
    mailFromLocalPart: 'in',
    mailFromDomain: 'in',
    mailFromAuthUser: 'in',
    mailFromSize: 'in',
    sendNDR: { access: 'out', default: 'no' },
    ndrAttachSource: { access: 'out', default: 'header' },
    ndrSubject: 'out',
    ndrSender: 'out',
    ndrMessage: 'out',
    ndrRcptMessage: 'out',
    ndrMessageFooter: 'out',
    ndrRetryCount: 'in',
    ndrRemainingRetryCount: 'in',
    ndrRescheduleDate: 'in',
    ndrRcptAddress: 'in',
    ndrRcptFailInfo: 'in',
  },
  methods: [],
} as const;

export const ON_PROCESSING = {
  context: 'SMTPProc',
  doc: 'A message is being processed in the queue. The documents name this event without any variable or method, so it has none.',
  vars: {},
  methods: [],
} as const;

export const ON_DELIVERY_SUCCESS = {
  context: 'SMTPProc',
  doc: 'A message was delivered to a group of recipients; the notice of success can be shaped.',
  vars: {
    dsnSender: 'out',
    dsnSubject: 'out',
    dsnMessage: 'out',
    dsnRcptMessage: 'out',
    dsnMessageFooter: 'out',
    dsnRcptAddress: 'in',
    dsnRcptStatus: 'in',
  },
  methods: [],
} as const;
