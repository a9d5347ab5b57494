/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import io.millrace.api.ChannelContext;
import io.millrace.api.LogLimit;
import io.millrace.api.Metrics;
import io.millrace.components.ledger.SenderLedger;
import io.millrace.components.ledger.UnreadableLedgerException;
import io.millrace.journal.NoteDigest;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps the ledger of a channel by the notes of its journal. Safe for many threads. */
final class LedgerNotes implements NoteDigest {
  private static final Logger log = LoggerFactory.getLogger(LedgerNotes.class);

  private final String channel;
  private final SenderLedger ledger;
  private final Metrics.Counter unreadable;
  private final LogLimit lines = new LogLimit(Duration.ofSeconds(10));

  LedgerNotes(ChannelContext context, SenderLedger ledger) {
    this.channel = context.name();
    this.ledger = ledger;
    this.unreadable = context.metrics().counter("SenderNoteUnreadableCount");
  }

  @Override
  public void committed(byte[] note) {
    try {
      ledger.record(note);
    } catch (UnreadableLedgerException e) {
      say(e);
    }
  }

  @Override
  public byte[] digest() {
    return ledger.digest();
  }

  @Override
  public void recovered(byte[] digest) {
    try {
      ledger.merge(digest);
    } catch (UnreadableLedgerException e) {
      say(e);
    }
  }

  private void say(UnreadableLedgerException e) {
    unreadable.increment();
    if (lines.allows()) {
      log.warn(
          "Channel {}: what was stored of senders is not understood: {}. Was a newer version here?"
              + " It is left aside ({} so far); what these senders send again may come twice,"
              + " nothing is lost",
          channel,
          e.getMessage(),
          unreadable.value());
    }
  }
}
