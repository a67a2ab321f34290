// Every finding the verifier can make, by a stable name: what was checked, what it does to the verdict, what it means.
// docs/verify.md shows this table; a test keeps both equal.

export type CheckId =
  | 'key'
  | 'key-files'
  | 'files'
  | 'segments'
  | 'lines'
  | 'duplicates'
  | 'order'
  | 'silence'
  | 'checkpoints'
  | 'unsigned-tail'
  | 'kept-checkpoint'
  | 'witnesses'
  | 'witness-time'
  | 'sessions'
  | 'actors'
  | 'calls'
  | 'approvals'
  | 'tamper'
  | 'reconciliation'
  | 'manifests'
  | 'bodies'
  | 'strict-intents'
  | 'content'
  | 'proof';

/** In the order of the report. */
export const CHECKS: Readonly<Record<CheckId, string>> = {
  key: 'the log names a key given, and each of its keys was endorsed by the one before',
  'key-files': 'the objects about keys say what the entries say',
  files: 'no file with a name that the log does not use',
  segments: 'segments follow each other from entry 0 and unpack to lines',
  lines: 'every line is a canonical entry of this log',
  duplicates: 'no entry and no entry id stands twice',
  order: 'entries stand in the order of their timestamps',
  silence: 'no half hour is without an entry: where nothing happened, heartbeats say so',
  checkpoints: 'every checkpoint is signed by the key in force and states the root of the entries before it',
  'unsigned-tail': 'every entry is covered by a signed checkpoint',
  'kept-checkpoint': 'the log continues the checkpoint kept from an earlier visit',
  witnesses: 'enough witnesses saw this history and no other',
  'witness-time': 'the times of entries agree with the times at which witnesses saw them',
  sessions: 'every session is opened once and its calls are whole',
  actors: 'every call was made by the principal of its session, at its server',
  calls: 'every call has an outcome and no sequence number is missing; recorded gaps are listed too',
  approvals:
    'every call that policy held and that went out was asked for, agreed to by enough of the right people in time, and let through once',
  tamper: 'nobody changed or removed an entry before it was sealed',
  reconciliation: 'every day was compared with the logs of API Gateway and CloudTrail, and they agree',
  manifests:
    'every manifest is signed by a key of the log and says what the entries of its session say; none is missing',
  bodies: 'every recorded body is there and is the one its entry names',
  'strict-intents': 'every strict call was signed and locked before it was made, and every signed intent has its entry',
  content:
    'every body opens with the keys given, to the bytes that its entry commits to; held calls are those that were approved',
  proof: 'the entry in the proof is in the log, under a checkpoint signed by a key given',
};

/**
 * `failed` makes the log invalid; `gap` is shown and does not; `blocked` is a check that could not be made and must be,
 * `skipped` one that was left out.
 */
export type Effect = 'failed' | 'gap' | 'blocked' | 'skipped';

const table = <Table extends Readonly<Record<string, readonly [CheckId, Effect, string]>>>(rows: Table): Table => rows;

export const REASONS = table({
  genesis_missing: ['key', 'failed', 'entry 0 is not the key.genesis entry'],
  genesis_other_key: ['key', 'failed', 'neither entry 0 nor a rotation names a key that was given'],
  genesis_again: ['key', 'failed', 'a key.genesis entry stands after entry 0'],
  key_unreadable: ['key', 'failed', 'an entry names a key that is no verifier key of this log'],
  rotation_wrong: ['key', 'failed', 'a key.rotated entry is not from the key in force to a new one'],
  rotation_unendorsed: [
    'key',
    'failed',
    'a new key took over, and no checkpoint carries the signatures of the old and the new one',
  ],
  revocation_wrong: ['key', 'failed', 'a key.revoked entry names no key of the log, one twice, or too many entries'],
  key_not_vouched: [
    'key',
    'blocked',
    'a key followed a revoked one, so nothing vouches for it: get it from the bank’s own filing and name it too',
  ],
  key_revoked: ['key', 'gap', 'a key was revoked: what it signed over more entries than stated is not believed'],
  key_not_named: ['key', 'gap', 'a key was given that the log does not name'],
  key_file_missing: ['key-files', 'failed', 'an object about a key is not there'],
  key_file_differs: ['key-files', 'failed', 'an object about a key is not what its entry makes it'],
  key_file_extra: ['key-files', 'failed', 'an object is about a key or a revocation that no entry names'],
  key_file_early: ['key-files', 'gap', 'an object is about a key entry after the last one of this copy: copy again'],
  file_unexpected: [
    'files',
    'failed',
    'a file in a folder of the log has a name the log does not use: added or renamed',
  ],
  file_too_large: ['files', 'failed', 'a file is larger than any object of a log'],
  file_unknown: ['files', 'gap', 'a file that is no part of the log; nothing was checked about it'],
  log_missing: ['segments', 'blocked', 'there is no segment'],
  segment_missing: ['segments', 'failed', 'entries between two segments (or before the first) are missing'],
  segment_overlap: ['segments', 'failed', 'a segment holds more entries than its successor leaves room for'],
  segment_packing: ['segments', 'failed', 'a segment is not one whole gzip member'],
  segment_too_large: ['segments', 'failed', 'a segment unpacks to more bytes than the limit'],
  segment_text: ['segments', 'failed', 'a segment is empty, is not UTF-8 or does not end with a newline'],
  line_too_long: ['lines', 'failed', 'a line is longer than an entry may be'],
  line_not_json: ['lines', 'failed', 'a line is not a JSON object'],
  line_not_canonical: ['lines', 'failed', 'a line is not its own RFC 8785 form'],
  line_fields: ['lines', 'failed', 'a field is missing or malformed'],
  line_other_log: ['lines', 'failed', 'an entry names another log'],
  type_unknown: [
    'lines',
    'gap',
    'an entry of a type this verifier does not know; only its place in the log was checked',
  ],
  entry_twice: ['duplicates', 'failed', 'the same entry stands twice'],
  id_twice: ['duplicates', 'failed', 'two different entries have the same id'],
  order_in_segment: ['order', 'failed', 'entries of a segment are not sorted by timestamp and id'],
  order_backwards: ['order', 'failed', 'an entry is more than 5 minutes older than one in an earlier segment'],
  silence_unexplained: [
    'silence',
    'gap',
    'for over half an hour the log has no entry, not even a heartbeat: nothing was sealed, and nothing says that nothing happened',
  ],
  checkpoint_none: ['checkpoints', 'blocked', 'there is no checkpoint'],
  checkpoint_malformed: ['checkpoints', 'failed', 'a checkpoint is not a well-formed signed note'],
  checkpoint_other_log: ['checkpoints', 'failed', 'a checkpoint is of another log'],
  checkpoint_other_key: ['checkpoints', 'failed', 'a checkpoint has no signature of a key that is believed'],
  checkpoint_stale_key: ['checkpoints', 'failed', 'a checkpoint is signed by a key that was not in force at its size'],
  checkpoint_revoked_key: ['checkpoints', 'failed', 'a checkpoint is signed by a key that the log had revoked before'],
  checkpoint_distrusted: [
    'checkpoints',
    'gap',
    'a checkpoint of a revoked key, over more entries than are believed of it: it proves nothing',
  ],
  checkpoint_signature: ['checkpoints', 'failed', 'a signature of a key of the log does not verify'],
  checkpoint_name: ['checkpoints', 'failed', 'a checkpoint states another size than its name: renamed or replaced'],
  checkpoint_root: [
    'checkpoints',
    'failed',
    'entries were changed, added, removed or moved: the signed root is another',
  ],
  checkpoint_fork: [
    'checkpoints',
    'failed',
    'a key signed another history: a later checkpoint proves the entries, this one differs',
  ],
  checkpoint_beyond_log: ['checkpoints', 'failed', 'truncation: a checkpoint covers more entries than there are'],
  checkpoint_unreached: [
    'checkpoints',
    'blocked',
    'the root could not be computed, since entries before it are missing',
  ],
  tail_unsigned: ['unsigned-tail', 'blocked', 'entries after the last good checkpoint are proven by no signature'],
  kept_not_given: [
    'kept-checkpoint',
    'skipped',
    'no checkpoint of an earlier visit was given: truncation at the end cannot show',
  ],
  kept_malformed: ['kept-checkpoint', 'blocked', 'the kept file is not a checkpoint of this log'],
  kept_other_key: ['kept-checkpoint', 'failed', 'the kept checkpoint was signed by no key of this log'],
  kept_signature: ['kept-checkpoint', 'failed', 'the signature of the kept checkpoint does not verify'],
  kept_truncated: ['kept-checkpoint', 'failed', 'truncation: the log is shorter than it was'],
  kept_fork: ['kept-checkpoint', 'failed', 'fork: two histories were signed, the kept one and this one'],
  kept_rewritten: [
    'kept-checkpoint',
    'failed',
    'rewritten history: entries up to the kept checkpoint are not what they were',
  ],
  kept_unreached: [
    'kept-checkpoint',
    'blocked',
    'the root at the kept size could not be computed, since entries are missing',
  ],
  policy_not_given: [
    'witnesses',
    'skipped',
    'no policy was given: that the key signed a second history cannot show, and no cosignature was checked',
  ],
  quorum_none: [
    'witnesses',
    'skipped',
    'the policy asks for no witness: that the key signed a second history cannot show',
  ],
  quorum_never: ['witnesses', 'failed', 'no checkpoint has the cosignatures that the policy asks for'],
  quorum_late: [
    'witnesses',
    'failed',
    'entries go on for more than 60 minutes after the last checkpoint with the cosignatures that the policy asks for',
  ],
  tail_unwitnessed: ['witnesses', 'gap', 'the last entries are signed, and not witnessed yet'],
  cosignature_malformed: ['witnesses', 'failed', 'a cosigned checkpoint is not a well-formed signed note'],
  cosignature_other_log: ['witnesses', 'failed', 'a cosigned checkpoint is not of this log, or not signed by its key'],
  cosignature_signature: ['witnesses', 'failed', 'a signature of a witness, or of the log beside it, does not verify'],
  cosignature_name: [
    'witnesses',
    'failed',
    'a cosigned checkpoint states another size, or is by another witness, than its name says: renamed or replaced',
  ],
  cosignature_root: [
    'witnesses',
    'failed',
    'a witness saw other entries than those in this copy: they were changed, or the key signed two histories',
  ],
  cosignature_beyond_log: ['witnesses', 'failed', 'truncation: a witness saw more entries than there are'],
  cosignature_unreached: [
    'witnesses',
    'blocked',
    'the root that a witness saw could not be computed, since entries before it are missing',
  ],
  cosignature_unknown: [
    'witnesses',
    'gap',
    'a cosignature by a witness that the policy does not name; it counts for nothing',
  ],
  witness_refused: ['witnesses', 'gap', 'the log says that a witness refused it: the witness had seen another history'],
  cosignature_none: [
    'witness-time',
    'skipped',
    'no cosignature was checked that the times of entries could be compared with',
  ],
  entry_postdated: ['witness-time', 'failed', 'an entry is dated more than 5 minutes after a witness had seen it'],
  cosignature_order: [
    'witness-time',
    'failed',
    'a witness saw more entries earlier than fewer, by more than 5 minutes',
  ],
  entry_sealed_late: [
    'witness-time',
    'gap',
    'an entry is dated more than 5 minutes before a witness saw the log without it: sealed late, or dated back',
  ],
  session_not_opened: ['sessions', 'failed', 'an entry of a session stands before its session.open, or there is none'],
  session_opened_twice: ['sessions', 'failed', 'a session has a second session.open'],
  session_closed_twice: ['sessions', 'failed', 'a session has a second session.close'],
  seq_reused: ['sessions', 'failed', 'a session has two intents of one sequence number'],
  call_after_close: ['sessions', 'failed', 'a call began more than 5 minutes after its session.close'],
  gap_with_intent: ['sessions', 'failed', 'a sequence number has both an intent and a gap entry, or two gap entries'],
  outcome_without_intent: ['sessions', 'failed', 'an outcome, call.unknown or stream segment has no intent before it'],
  outcome_and_unknown: ['sessions', 'failed', 'a call has both an outcome and a call.unknown'],
  outcome_twice: ['sessions', 'failed', 'a call has a second outcome, or a segment after its outcome'],
  outcome_other_intent: [
    'sessions',
    'failed',
    'an outcome or call.unknown names another intent than the one of its call',
  ],
  call_id_changed: ['sessions', 'failed', 'a call changes its call id'],
  part_order: ['sessions', 'failed', 'the segments of a stream are not 1, 2, 3 …'],
  part_offset: ['sessions', 'failed', 'a segment does not begin where the one before it ended'],
  totals_wrong: ['sessions', 'failed', 'an outcome or call.unknown counts other parts or bytes than were recorded'],
  sessions_stopped: ['sessions', 'blocked', 'entries are missing: sessions were checked only up to there'],
  actor_changed: ['actors', 'failed', 'a call was made by another principal or client than opened its session'],
  server_changed: ['actors', 'failed', 'a call went to another server than its session is for'],
  outcome_unknown: ['calls', 'gap', 'a call has no outcome: it may have run, and nobody got its answer whole'],
  outcome_recorded_unknown: [
    'calls',
    'gap',
    'the same, recorded as call.unknown: it may have run, and nobody got its answer whole',
  ],
  seq_missing: ['calls', 'gap', 'a sequence number was counted and has no intent: no call went out under it'],
  seq_recorded_missing: ['calls', 'gap', 'the same, recorded as gap: no call went out under the number'],
  session_not_closed: ['calls', 'gap', 'a session is past its end by more than an hour and has no session.close'],
  call_overtook_close: ['calls', 'gap', 'a call began while its session was being closed'],
  part_uncounted: ['calls', 'gap', 'an interrupted stream has one segment more than its outcome counts'],
  held_call_ran: ['approvals', 'failed', 'a call that policy held went out, and no approval was used for it before'],
  approval_other_call: [
    'approvals',
    'failed',
    'an approval names a call of another principal, server or tool, under other policies, or by another intent',
  ],
  approval_intent_missing: [
    'approvals',
    'failed',
    'an approval names a call that has no intent in the log, or one that policy did not hold',
  ],
  approval_not_requested: ['approvals', 'failed', 'an approval has steps, and nobody asked for it'],
  approval_version_missing: ['approvals', 'failed', 'the steps of a request are not 1, 2, 3 …'],
  approval_version_twice: ['approvals', 'failed', 'a request has two steps of one version'],
  approval_step_wrong: [
    'approvals',
    'failed',
    'a step could not be taken: the request had ended or was approved, its time was not over, nobody was left to be asked, nothing was to be reviewed, a denial, a broken glass or an adverse review says no reason, or it is dated before the step before it',
  ],
  approval_quorum: [
    'approvals',
    'failed',
    'a request counts as approved, or was used, and not enough people of the demanded groups had agreed (and the glass was not broken); or it is the other way round',
  ],
  approval_by_requester: ['approvals', 'failed', 'somebody decided or reviewed their own request'],
  approver_wrong: [
    'approvals',
    'failed',
    'somebody decided or reviewed who could not: no person, in none of the asked groups, signed in too long ago or too weakly, or one who had agreed before; or somebody withdrew the request of another',
  ],
  approval_late: ['approvals', 'failed', 'a step was taken more than a minute after the deadline'],
  approval_deadline: ['approvals', 'failed', 'a step states another deadline than its terms make'],
  approval_used_twice: [
    'approvals',
    'failed',
    'an approval of one call was used again, or the uses of a window are miscounted',
  ],
  approval_binding: [
    'approvals',
    'failed',
    'the hash of what is to be approved is not that of its parts; or something else was shown, decided or used',
  ],
  approval_terms: ['approvals', 'failed', 'a request was made on other terms than the policies demanded of its call'],
  glass_broken: [
    'approvals',
    'gap',
    'the glass was broken: a held call went out at once, before anybody agreed. Look at each',
  ],
  glass_not_allowed: [
    'approvals',
    'failed',
    'the glass was broken by somebody who may not, or for a call whose policies let nobody break it',
  ],
  glass_unreviewed: [
    'approvals',
    'gap',
    'the glass was broken, and nobody who was asked had reviewed the call when the time for it was over',
  ],
  glass_unjustified: ['approvals', 'gap', 'the glass was broken, and the review says that it was not justified'],
  approval_unsealed: [
    'approvals',
    'gap',
    'an approval is younger than five minutes, and what belongs to it is not in this copy yet: copy again',
  ],
  approval_not_ended: [
    'approvals',
    'gap',
    'a request is past its deadline by more than an hour, and nothing says that it expired',
  ],
  approvals_stopped: ['approvals', 'blocked', 'entries are missing: approvals were checked only up to there'],
  tamper_suspected: [
    'tamper',
    'failed',
    'an entry was changed, removed or marked by another hand before it was sealed',
  ],
  tamper_line: ['tamper', 'failed', 'the line kept of a lost entry is not the one whose leaf hash stands beside it'],
  tamper_after_sealing: [
    'tamper',
    'gap',
    'a working copy was changed or removed after sealing: the log holds the entry',
  ],
  tamper_key: ['tamper', 'gap', 'a wrapped content key was changed or removed: bodies under it may not open again'],
  tamper_other: ['tamper', 'gap', 'an item of the table that is no entry was changed or removed'],
  request_without_entry: [
    'reconciliation',
    'failed',
    'API Gateway answered requests that no entry names: calls may be missing from the log',
  ],
  entry_without_request: ['reconciliation', 'failed', 'entries name requests that API Gateway never logged'],
  reconciled_counts: ['reconciliation', 'failed', 'a comparison counts more entries of its day than the log holds'],
  reconciled_early: ['reconciliation', 'gap', 'a comparison counts fewer entries of its day: some were sealed later'],
  reconciled_twice: ['reconciliation', 'gap', 'a day was compared twice; both comparisons count'],
  request_named_twice: ['reconciliation', 'gap', 'one request is named by more than one entry'],
  request_failed: ['reconciliation', 'gap', 'requests were answered with an error of the gateway and left no entry'],
  requests_not_checked: ['reconciliation', 'gap', 'a day could not be compared with the log of API Gateway'],
  signature_unexplained: [
    'reconciliation',
    'gap',
    'KMS signed with the checkpoint key, and no signed object appeared: a repeated request, or another history',
  ],
  signatures_not_checked: ['reconciliation', 'gap', 'the signatures of a day could not be counted in CloudTrail'],
  day_unreconciled: ['reconciliation', 'gap', 'a day with calls was not compared, and more than three days followed'],
  manifest_malformed: ['manifests', 'failed', 'a manifest is not the envelope of a statement about a session'],
  manifest_signature: ['manifests', 'failed', 'a manifest has no good signature of a key that was in force'],
  manifest_other_session: [
    'manifests',
    'failed',
    'a manifest is of another session than its name says: renamed or swapped',
  ],
  manifest_unknown_session: ['manifests', 'failed', 'a manifest is of a session that the log does not have'],
  manifest_mismatch: ['manifests', 'failed', 'a manifest says something else than the entries of its session'],
  manifest_missing: [
    'manifests',
    'failed',
    'a session was over and settled an hour before the last entry, and has no manifest',
  ],
  manifest_doubtful: [
    'manifests',
    'gap',
    'a manifest agrees with its entries, and the key that signed it is not believed for them: revoked, or vouched for by nobody',
  ],
  manifests_stopped: ['manifests', 'blocked', 'entries are missing: manifests could not be compared with them'],
  bodies_absent: ['bodies', 'skipped', 'the copy holds no bodies'],
  body_missing: ['bodies', 'failed', 'a recorded body is not there'],
  body_damaged: ['bodies', 'failed', 'a body is not the one its digest names'],
  body_packing: ['bodies', 'failed', 'an object of bodies does not unpack to its lines'],
  body_unreferenced: ['bodies', 'gap', 'bodies that no sealed entry names, such as a sealer leaves that lost a race'],
  intent_key_malformed: ['strict-intents', 'failed', 'a key.registered entry names no usable intent key of this log'],
  strict_intent_missing: ['strict-intents', 'failed', 'a strict call was made and its signed intent is not there'],
  strict_intent_unstored: [
    'strict-intents',
    'gap',
    'a strict call has no signed intent and no outcome: the gateway stopped before it called',
  ],
  strict_intent_malformed: ['strict-intents', 'failed', 'a signed intent is not a DSSE envelope about a call'],
  strict_intent_signature: ['strict-intents', 'failed', 'a signed intent was signed by no intent key on record'],
  strict_intent_other: ['strict-intents', 'failed', 'a signed intent says something else than its entry or its name'],
  strict_intent_without_entry: [
    'strict-intents',
    'failed',
    'a signed intent has no entry: it was removed before it was sealed',
  ],
  strict_intent_unsealed: [
    'strict-intents',
    'gap',
    'a signed intent is too young for its entry to be expected under the last checkpoint',
  ],
  strict_intents_stopped: [
    'strict-intents',
    'blocked',
    'entries are missing: which signed intents have none was not checked',
  ],
  content_keys_not_given: ['content', 'skipped', 'no content keys were given: no body was opened'],
  content_key_missing: ['content', 'skipped', 'bodies under keys that were not given were not opened'],
  content_other_session: ['content', 'failed', 'a body is under the key of another session'],
  content_not_jwe: ['content', 'failed', 'a body is not the JWE that a gateway writes under the key its entry names'],
  content_unopened: ['content', 'failed', 'a body does not open with the key that its entry names'],
  content_commitment: ['content', 'failed', 'a body opens to other bytes than its entry commits to'],
  content_bytes: ['content', 'failed', 'a body opens to another number of bytes than its entry says'],
  content_other_call: ['content', 'failed', 'the request of a held call asks for something else than was approved'],
  proof_malformed: ['proof', 'blocked', 'the file is not a C2SP tlog-proof'],
  proof_without_entry: ['proof', 'blocked', 'the proof does not carry its entry'],
  proof_checkpoint: ['proof', 'failed', 'the checkpoint in the proof is not one that a key given signed for this log'],
  proof_inclusion: ['proof', 'failed', 'the entry and the hashes do not lead to the signed root'],
  proof_entry: ['proof', 'failed', 'the entry in the proof is not an entry of this log'],
});

export type Reason = keyof typeof REASONS;
