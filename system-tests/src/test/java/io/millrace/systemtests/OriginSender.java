/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import io.millrace.systemtests.AvroClient.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

/**
 * A sender that numbers its lines and names the numbers with each call, as a Millrace agent does:
 * what is not acknowledged is sent again, cut anew. Confined to one thread.
 */
final class OriginSender implements Runnable {
  private static final int MAX_LINES = 40;
  private static final int ANSWER_MILLIS = 4_000;
  private static final int PAUSE_MILLIS = 3;

  private final int port;
  private final String stream;
  private final Ledger ledger;
  private final Random random;
  private final UUID journal;
  private final long session;
  private AvroClient client;

  /** Lines below are acknowledged. Counted from 0; the line numbers are from 1. */
  private long floor;

  /** Lines below were sent. */
  private long sent;

  private int retries;
  private volatile boolean isStopping;

  OriginSender(int port, String stream, Ledger ledger, Random random) {
    this.port = port;
    this.stream = stream;
    this.ledger = ledger;
    this.random = random;
    this.journal = new UUID(random.nextLong(), random.nextLong());
    this.session = random.nextLong();
  }

  /** Ends it once all that was sent is acknowledged. */
  void stop() {
    isStopping = true;
  }

  /** Calls that were made again. Read it when the thread has ended. */
  int retries() {
    return retries;
  }

  @Override
  public void run() {
    try {
      while (!isStopping || floor < sent) {
        turn();
        Thread.sleep(PAUSE_MILLIS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      disconnect();
    }
  }

  private void turn() {
    if (client == null && !connect()) {
      return;
    }
    boolean isFresh = floor == sent;
    int count = 1 + random.nextInt(MAX_LINES);
    if (!isFresh) {
      retries++;
      // Never beyond what was sent once stopping; else old and new lines may go together.
      count = isStopping ? (int) Math.min(count, sent - floor) : count;
    }
    List<String> batch = new ArrayList<>();
    int bytes = 0;
    for (long line = floor + 1; line <= floor + count; line++) {
      batch.add(Ledger.line(stream, (int) line));
      bytes += line > sent ? batch.get(batch.size() - 1).length() : 0;
    }
    if (floor + count > sent) {
      sent = floor + count;
      ledger.wrote(stream, (int) sent, bytes);
    }
    Outcome outcome = client.send(batch, metadata(count, isFresh));
    if (outcome == Outcome.ACKNOWLEDGED) {
      floor += count;
    } else if (outcome == Outcome.UNANSWERED) {
      disconnect();
    }
  }

  /** What a call names that brings so many lines from one place of a journal, again. */
  static Map<String, byte[]> origin(long first, int count) {
    return metadata(new UUID(1, 2), 3, first, count, /* isFresh= */ false);
  }

  private Map<String, byte[]> metadata(int count, boolean isFresh) {
    return metadata(journal, session, floor, count, isFresh);
  }

  private static Map<String, byte[]> metadata(
      UUID journal, long session, long floor, int count, boolean isFresh) {
    Map<String, byte[]> metadata = new LinkedHashMap<>();
    metadata.put(
        "millrace.journal",
        ByteBuffer.allocate(16)
            .putLong(journal.getMostSignificantBits())
            .putLong(journal.getLeastSignificantBits())
            .array());
    metadata.put("millrace.lane", new byte[4]);
    metadata.put("millrace.first", bytes(floor));
    metadata.put("millrace.count", ByteBuffer.allocate(4).putInt(count).array());
    metadata.put("millrace.session", bytes(session));
    metadata.put("millrace.floor", bytes(floor));
    metadata.put("millrace.fresh", new byte[] {(byte) (isFresh ? 1 : 0)});
    return metadata;
  }

  private static byte[] bytes(long value) {
    return ByteBuffer.allocate(8).putLong(value).array();
  }

  private boolean connect() {
    try {
      client = new AvroClient(port, ANSWER_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private void disconnect() {
    if (client != null) {
      client.close();
      client = null;
    }
  }
}
