// Policies that hold calls in tests. They are part of the one configuration that is deployed for all of them
// (test/deploy/configuration.ts), so each concerns a server or a value of an argument that no other test uses.

import type { PolicyFile } from '../../lib/policy/policy-file.ts';

/** What is looked for in a search that is held, and for a second only. */
export const HELD_SEARCH = 'held for a second';

const SEARCH_HELD: PolicyFile = {
  file: 'tests/search-held.cedar',
  text: `@id("this-search-needs-one") @approval("payments-approvers") @expires("PT1S")
forbid (principal, action == Mcp::Action::"tools/call", resource == Mcp::Tool::"core-banking/search_customers")
when { context.args.text == "${HELD_SEARCH}" }
unless { context.approved };
`,
};

const NOTES_HELD: PolicyFile = {
  file: 'tests/notes-held.cedar',
  text: `@id("notes-need-one") @approval("payments-approvers")
forbid (principal, action == Mcp::Action::"tools/call", resource == Mcp::Tool::"notes/add")
unless { context.approved };
`,
};

/** Where the review must come at once and no window opens, and where nobody breaks the glass; the bank's own rule holds all the same. */
const GLASS: PolicyFile = {
  file: 'tests/glass.cedar',
  text: `@id("urgent-review")
@approval("payments-approvers")
@break_glass("incident-commanders")
@review("PT2S")
forbid (principal, action == Mcp::Action::"tools/call", resource == Mcp::Tool::"core-banking/freeze_card")
when { context.args.cardId == "CRD-00021" }
unless { context.approved };

@id("never-at-once")
@approval("payments-approvers")
forbid (principal, action == Mcp::Action::"tools/call", resource == Mcp::Tool::"core-banking/freeze_card")
when { context.args.cardId == "CRD-00031" }
unless { context.approved };
`,
};

export const HELD = { search: SEARCH_HELD, notes: NOTES_HELD, glass: GLASS } as const;
