/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import io.millrace.systemtests.AvroClient.Outcome;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Avro clients that go on sending batches of new lines, each with a connection of its own that is
 * made again when it ends. What was refused is not sent again, so that it must never arrive.
 */
final class Senders implements AutoCloseable {
  /** How long a client waits for an answer before it gives its connection up. */
  static final int ANSWER_MILLIS = 30_000;

  private static final long PAUSE_MILLIS = 4;
  private static final long LIMIT_SECONDS = 120;

  private final ScheduledExecutorService threads;
  private final List<Sender> senders = new ArrayList<>();
  private final List<Future<?>> turns = new ArrayList<>();

  private Senders(int clients) {
    threads = Executors.newScheduledThreadPool(clients, turn -> new Thread(turn, "senders/client"));
  }

  /**
   * @param stream begins the names of their streams, one for each client
   * @param fillingBytes how much longer each line is than those of a ledger
   */
  static Senders start(
      int port,
      String stream,
      int clients,
      int linesPerBatch,
      int fillingBytes,
      Receipts receipts) {
    Senders all = new Senders(clients);
    for (int i = 1; i <= clients; i++) {
      Sender sender = new Sender(port, stream + i, linesPerBatch, fillingBytes, receipts);
      all.senders.add(sender);
      all.turns.add(
          all.threads.scheduleWithFixedDelay(sender::turn, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS));
    }
    return all;
  }

  /** So many batches from one client, each as soon as the one before was answered. */
  static void sendBatches(
      int port,
      String stream,
      int batches,
      int linesPerBatch,
      int fillingBytes,
      Receipts receipts) {
    Sender sender = new Sender(port, stream, linesPerBatch, fillingBytes, receipts);
    for (int i = 0; i < batches; i++) {
      sender.turn();
    }
    sender.disconnect();
  }

  /** Confined to one thread at a time. */
  private static final class Sender {
    private final int port;
    private final String stream;
    private final int linesPerBatch;
    private final String filling;
    private final Receipts receipts;
    private AvroClient client;
    private int lastNumber;

    Sender(int port, String stream, int linesPerBatch, int fillingBytes, Receipts receipts) {
      this.port = port;
      this.stream = stream;
      this.linesPerBatch = linesPerBatch;
      this.filling = "z".repeat(fillingBytes);
      this.receipts = receipts;
    }

    void turn() {
      if (client == null && !connect()) {
        return;
      }
      List<String> batch = new ArrayList<>();
      for (int i = 1; i <= linesPerBatch; i++) {
        batch.add(Ledger.line(stream, lastNumber + i) + filling);
      }
      lastNumber += linesPerBatch;
      Outcome outcome = client.send(batch);
      receipts.note(batch, outcome);
      if (outcome == Outcome.UNANSWERED) {
        disconnect();
      }
    }

    private boolean connect() {
      try {
        client = new AvroClient(port, ANSWER_MILLIS);
        return true;
      } catch (IOException e) {
        return false;
      }
    }

    void disconnect() {
      if (client != null) {
        client.close();
        client = null;
      }
    }
  }

  /** Ends the sending once the calls under way are answered; throws if a sender failed. */
  @Override
  public void close() {
    threads.shutdown();
    try {
      if (!threads.awaitTermination(LIMIT_SECONDS, TimeUnit.SECONDS)) {
        throw new IllegalStateException("The senders did not end");
      }
      for (Future<?> turn : turns) {
        if (!turn.isCancelled()) {
          turn.get();
        }
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("A sender failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      senders.forEach(Sender::disconnect);
    }
  }
}
