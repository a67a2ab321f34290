/**
 * What a legacy session needs to resume a stream: events by id, in order.
 * In memory and bounded; the oldest events are forgotten first.
 */
import type { EventStore, JSONRPCMessage } from '@modelcontextprotocol/server';

const MAX_EVENTS = 1_000;

interface StoredEvent {
  readonly id: string;
  readonly streamId: string;
  readonly message: JSONRPCMessage;
}

/** An event store for one session. Ids are opaque to clients; here they are a counter. */
export function makeEventLog(): EventStore {
  const events: StoredEvent[] = [];
  let count = 0;
  return {
    storeEvent: (streamId, message) => {
      count += 1;
      events.push({ id: `e${count}`, streamId, message });
      if (events.length > MAX_EVENTS) events.shift();
      return Promise.resolve(`e${count}`);
    },
    getStreamIdForEventId: (id) => Promise.resolve(events.find((event) => event.id === id)?.streamId),
    replayEventsAfter: async (lastEventId, { send }) => {
      const from = events.findIndex((event) => event.id === lastEventId);
      const streamId = events[from]?.streamId;
      if (streamId === undefined) throw new Error(`No stored event has the id ${lastEventId}`);
      for (const event of events.slice(from + 1)) {
        if (event.streamId === streamId && !isPrimer(event)) await send(event.id, event.message);
      }
      return streamId;
    },
  };
}

/** The SDK stores an empty object for the event that only hands the client an id to resume from. */
function isPrimer(event: StoredEvent): boolean {
  return Object.keys(event.message).length === 0;
}
