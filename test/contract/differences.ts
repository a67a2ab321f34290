// Where a target is known to differ from AWS: target name -> case id -> why. `local` is ours and stays empty: what
// the product relies on, the loopback must do.

const NO_COMPREHEND = 'there is no Amazon Comprehend';

export const DIFFERENCES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  local: {},
  /** MiniStack 1.4.21 from PyPI with `cryptography`, measured 2026-11-22. */
  ministack: {
    'ddb-tx-bad-key': 'a transaction with an item that lacks its sort key is accepted',
    'ddb-ttl': 'enabling time to live a second time is accepted',
    's3-sha256': 'PutObject does not answer with the checksum it was given',
    's3-sha256-wrong': 'a wrong SHA-256 is accepted',
    's3-crc32-wrong': 'a wrong CRC32 is accepted',
    's3-checksum-kept': 'PutObject does not answer with the checksum it was given',
    'lock-marker': 'a plain delete of a locked object is refused instead of adding a delete marker',
    'lock-past': 'a retain-until date in the past is accepted',
    'lock-half': 'a lock mode without a date is accepted',
    'lock-harden': 'GOVERNANCE becomes COMPLIANCE without the bypass header',
    'lock-plain-bucket': 'lock headers are accepted on a bucket without Object Lock',
    'lock-needs-checksum': 'a locked put without any digest of the body is accepted',
    'bucket-lock-suspend': 'versioning of a lock bucket can be suspended',
    'bucket-lock-zero': 'a default retention of 0 days is accepted',
    'bucket-twice': 'creating an existing bucket answers 200 in every region, as only us-east-1 does',
    'kms-blob-changed': 'a changed ciphertext still decrypts',
    'kms-wrong-key': 'Decrypt ignores the key the caller names',
    'kms-data-key-size': 'GenerateDataKey accepts no size and two sizes',
    'kms-encrypt-large': 'Encrypt accepts more than 4096 bytes',
    'kms-pending-deletion': 'a key pending deletion still makes data keys',
    'sign-4097': 'Sign RAW accepts more than 4096 bytes',
    'sign-wrong-algorithm': 'an algorithm of another key type is answered with InternalError',
    'sign-ed25519-digest': 'a digest for ED25519_SHA_512 is refused as an unsupported operation',
    'sign-symmetric': 'signing with a symmetric key is refused as an unsupported operation',
    'sign-usage': 'CreateKey accepts a signing key spec for encryption',
    'logs-pages': 'FilterLogEvents gives all events at once, whatever the limit',
    'secret-token-repeat': 'a repeated ClientRequestToken loses AWSPREVIOUS',
    'secret-token-mismatch': 'a ClientRequestToken reused with another value is accepted',
    'comprehend-found': NO_COMPREHEND,
    'comprehend-points': NO_COMPREHEND,
    'comprehend-combining': NO_COMPREHEND,
    'comprehend-score': NO_COMPREHEND,
    'comprehend-spanish': NO_COMPREHEND,
    'comprehend-nothing': NO_COMPREHEND,
    'comprehend-size': NO_COMPREHEND,
    'comprehend-language': NO_COMPREHEND,
  },
};
