/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.sink;

import io.millrace.api.EventView;
import io.millrace.api.LogLimit;
import io.millrace.api.Origin;
import io.millrace.api.RejectedException;
import io.millrace.api.SinkContext;
import io.millrace.api.TransientException;
import io.millrace.connectors.kafka.client.Failure;
import io.millrace.connectors.kafka.client.FirstRecords;
import io.millrace.kit.log.LogText;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.record.internal.AbstractRecords;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out transactions. What fails in one is left out, and the transaction is tried again
 * without it, when the failure is of single records or topics; any other failure is of all. When it
 * is not known whether a transaction was committed, the producer is opened anew: that settles it,
 * and the progress that is read then says how.
 *
 * <p>The transactional id is of the journal and the sink, for agents everywhere have the same
 * names; a channel without a journal loses its events with its process, and gets one by chance.
 *
 * <p>Confined to one thread, but for {@link #isFenced}, {@link #hurry} and {@link #abandon}.
 */
final class Transactions implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Transactions.class);
  private static final int MAX_COMMIT_TRIES = 3;

  private final KafkaSinkOptions options;
  private final SinkContext context;
  private final SinkMeters meters;
  private final RecordMaker maker;
  private final int producerBatchBytes;
  private final int maxRecordBytes;
  private final LogLimit lines = new LogLimit(Duration.ofSeconds(10));
  private final CompletableFuture<Void> hurry = new CompletableFuture<>();
  private final FirstRecords firstRecords = new FirstRecords(hurry);
  private volatile TransactionalProducer open;
  private volatile FencedException fenced;
  private volatile boolean isAbandoned;

  /** What the transaction does to the records of parcels. */
  private record Failed(Parcel parcel, int index, String topic, Exception reason) {}

  Transactions(KafkaSinkOptions options, SinkContext context, SinkMeters meters) {
    this.options = options;
    this.context = context;
    this.meters = meters;
    this.maker = new RecordMaker(options, meters);
    this.producerBatchBytes = options.producerBatchBytes();
    this.maxRecordBytes =
        options
            .settings("")
            .value(ProducerConfig.MAX_REQUEST_SIZE_CONFIG)
            .map(size -> Integer.parseInt(size.trim()))
            .orElse(1 << 20);
  }

  boolean isFenced() {
    return fenced != null;
  }

  /**
   * Gives every event of the first parcels its verdict, or throws when none of them is known to be
   * in Kafka. A refusal costs the whole transaction, and each try finds one: it goes on with half
   * of the parcels. The others keep the verdicts that they were given meanwhile.
   *
   * @return how many of the parcels, at least one, were carried out
   */
  int carryOut(List<Parcel> parcels) {
    long beganNanos = System.nanoTime();
    FencedException before = fenced;
    if (before != null) {
      throw before;
    }
    try {
      TransactionalProducer producer = producer(parcels.get(0).origin());
      List<Parcel> now = parcels;
      while (!carryOutOnce(producer, now)) {
        meters.rolledBack();
        now = now.subList(0, Math.max(1, now.size() / 2));
      }
      meters.transaction();
      return now.size();
    } catch (RuntimeException e) {
      meters.rolledBack();
      throw failed(e);
    } finally {
      meters.sent(System.nanoTime() - beganNanos);
    }
  }

  /** What is told of the failure. The next transaction begins with a new producer, if any. */
  private RuntimeException failed(RuntimeException e) {
    if (isFencing(e)) {
      try {
        if (isTakenOver()) {
          reset();
          return fencedForGood(e);
        }
      } catch (TransientException unknown) {
        // A new producer would perhaps fence a successor. This one stays, and with it the question.
        return unknown;
      }
    }
    reset();
    return e instanceof TransientException
        ? e
        : new TransientException(
            "Kafka did not take a transaction: " + LogText.of(Failure.cause(e)), e);
  }

  private FencedException fencedForGood(RuntimeException e) {
    FencedException now =
        new FencedException(
            "Sink "
                + context.name()
                + " was fenced: another process writes for the same journal and began later. This"
                + " one sends nothing more. Stop the one that is too many (was the machine or the"
                + " channel's directory copied?); a restart of this agent takes over again"
                + " [KAFKA_SINK_FENCED]",
            e);
    fenced = now;
    log.error("{}", now.getMessage());
    return now;
  }

  private static boolean isFencing(Throwable e) {
    return Failure.of(e) == Failure.FENCED
        || (e.getCause() != null && Failure.of(e.getCause()) == Failure.FENCED);
  }

  /**
   * A broker fences also whose transaction took too long: a process that was frozen for a while.
   *
   * @throws TransientException when it can't be known now
   */
  private boolean isTakenOver() {
    TransactionalProducer producer = open;
    return producer != null && producer.isOwnedByOther();
  }

  private TransactionalProducer producer(Origin origin) {
    if (isAbandoned) {
      throw new TransientException("Sink " + context.name() + " stops");
    }
    TransactionalProducer producer = open;
    if (producer == null) {
      UUID journal = origin.isKnown() ? origin.journal() : UUID.randomUUID();
      String id =
          options
              .settings("")
              .value(ProducerConfig.TRANSACTIONAL_ID_CONFIG)
              .orElse("millrace-" + journal + "-" + context.name());
      producer =
          TransactionalProducer.of(
              options.settings(context.agent() + "-" + context.name()),
              id,
              options.exactlyOnceTopic().orElse(options.topic()),
              context.name());
      open = producer;
      if (isAbandoned) {
        // Opened late: it must not fence the one that came after this sink.
        throw new TransientException("Sink " + context.name() + " stops");
      }
      producer.fence();
      awaitAnchor(producer.producer());
    }
    return producer;
  }

  /** Makes the broker create the topic where it does so by itself. */
  private void awaitAnchor(KafkaProducer<byte[], byte[]> producer) {
    Optional<String> anchor = options.exactlyOnceTopic();
    producer.partitionsFor(anchor.orElse(options.topic()));
  }

  /** Whether it was committed; if not, verdicts were added and it is to be tried without them. */
  private boolean carryOutOnce(TransactionalProducer producer, List<Parcel> parcels) {
    Map<UUID, JournalProgress> next = new HashMap<>();
    KafkaProducer<byte[], byte[]> kafka = producer.producer();
    ConcurrentLinkedQueue<Failed> failures = new ConcurrentLinkedQueue<>();
    Destination destination = new Destination(kafka, producerBatchBytes, hurry, firstRecords);
    int duplicates = 0;
    for (Parcel parcel : parcels) {
      if (parcel.origin().isKnown()) {
        producer.claim(parcel.origin().journal());
      }
    }
    kafka.beginTransaction();
    for (Parcel parcel : parcels) {
      JournalProgress progress = progress(producer, next, parcel.origin());
      duplicates += send(parcel, progress, destination, failures);
    }
    kafka.flush();
    if (!failures.isEmpty()) {
      kafka.abortTransaction();
      judge(failures);
      return false;
    }
    for (Parcel parcel : parcels) {
      note(parcel, next);
    }
    for (Map.Entry<UUID, JournalProgress> journal : next.entrySet()) {
      producer.send(journal.getKey(), journal.getValue());
    }
    commit(kafka);
    producer.committed(next);
    meters.duplicates(duplicates);
    return true;
  }

  private JournalProgress progress(
      TransactionalProducer producer, Map<UUID, JournalProgress> next, Origin origin) {
    if (!origin.isKnown()) {
      return null;
    }
    JournalProgress progress =
        next.computeIfAbsent(
            origin.journal(), journal -> new JournalProgress(producer.progress(journal)));
    if (progress.contests(origin)) {
      log.error(
          "Sink {}: journal {} lane {} sends sequence {} for the first time, but others of that"
              + " number are in Kafka: a machine or a data directory was copied, or set back to an"
              + " older state. From now on nothing of this journal is left out as a duplicate, so"
              + " that nothing is lost. Give the channel new directories [JOURNAL_CONTESTED]",
          context.name(),
          origin.journal(),
          origin.lane(),
          origin.first());
    }
    return progress;
  }

  /** Sends what is not in Kafka and has no verdict; how many events are in Kafka already. */
  private int send(
      Parcel parcel,
      JournalProgress progress,
      Destination destination,
      ConcurrentLinkedQueue<Failed> failures) {
    int duplicates = 0;
    int index = 0;
    for (EventView event : parcel.batch()) {
      int at = index++;
      if (parcel.verdicts().isSettled(at)) {
        continue;
      }
      if (progress != null && progress.has(parcel.origin().lane(), parcel.origin().first() + at)) {
        duplicates++;
        continue;
      }
      try {
        ProducerRecord<byte[], byte[]> record = maker.record(event);
        checkSize(record);
        destination.send(
            record,
            (metadata, failure) -> {
              if (failure != null) {
                failures.add(new Failed(parcel, at, record.topic(), failure));
              }
            });
      } catch (RejectedException | RecordTooLargeException e) {
        // Nothing was sent: the transaction is well.
        parcel.verdicts().judge(at, e, options.unauthorized());
      }
    }
    return duplicates;
  }

  /** The producer would spoil the transaction with it. */
  private void checkSize(ProducerRecord<byte[], byte[]> record) {
    int bytes =
        AbstractRecords.estimateSizeInBytesUpperBound(
            RecordBatch.CURRENT_MAGIC_VALUE,
            CompressionType.NONE,
            record.key(),
            record.value(),
            record.headers().toArray());
    if (bytes > maxRecordBytes) {
      throw new RecordTooLargeException(
          "record of "
              + bytes
              + " bytes (expected: at most kafka.producer.max.request.size, "
              + maxRecordBytes
              + ")");
    }
  }

  /**
   * Gives verdicts to the records whose own failure it was. The others failed along with them: the
   * producer tells what was not sent yet the first failure as its own, so that of the refusals by a
   * broker only the first can be believed; the next try finds the next one.
   */
  private void judge(ConcurrentLinkedQueue<Failed> failures) {
    boolean isAny = false;
    boolean isOneRefused = false;
    for (Failed failed : failures) {
      if (Failure.of(failed.reason()) == Failure.FENCED) {
        throw new KafkaException(failed.reason());
      }
      if (Verdicts.isOfItsTopic(failed.reason()) && isOwn(failed, isOneRefused)) {
        isAny = true;
        isOneRefused |= Failure.of(failed.reason()) == Failure.REJECTED;
        failed.parcel().verdicts().judge(failed.index(), failed.reason(), options.unauthorized());
      }
    }
    if (!isAny) {
      throw new TransientException(
          "Kafka did not take a transaction: " + LogText.of(failures.peek().reason()),
          failures.peek().reason());
    }
  }

  private static boolean isOwn(Failed failed, boolean isOneRefused) {
    Throwable reason = Failure.cause(failed.reason());
    if (reason instanceof TopicAuthorizationException denied) {
      return denied.unauthorizedTopics().contains(failed.topic());
    }
    if (reason instanceof TimeoutException) {
      return String.valueOf(reason.getMessage()).contains(failed.topic());
    }
    return !isOneRefused;
  }

  /** Notes the runs of events that are in Kafka once the transaction is. */
  private void note(Parcel parcel, Map<UUID, JournalProgress> next) {
    Origin origin = parcel.origin();
    if (!origin.isKnown()) {
      return;
    }
    JournalProgress progress = next.get(origin.journal());
    int from = 0;
    for (int index = 0; index <= origin.count(); index++) {
      if (index == origin.count() || parcel.verdicts().isSettled(index)) {
        if (index > from) {
          progress.add(origin.lane(), origin.first() + from, origin.first() + index);
        }
        from = index + 1;
      }
    }
    progress.dropBelow(origin.lane(), origin.floor());
    if (progress.forgottenRanges() > 0 && lines.allows()) {
      log.warn(
          "Sink {}: the journal has more gaps than its progress can hold; duplicates are possible"
              + " after a crash",
          context.name());
    }
  }

  private void commit(KafkaProducer<byte[], byte[]> kafka) {
    for (int tries = 1; ; tries++) {
      try {
        kafka.commitTransaction();
        return;
      } catch (TimeoutException e) {
        // The same commit may be asked for again.
        if (tries == MAX_COMMIT_TRIES || isAbandoned) {
          throw e;
        }
      }
    }
  }

  /** The next transaction begins with a new producer. */
  private void reset() {
    TransactionalProducer broken = open;
    open = null;
    if (broken != null) {
      broken.close();
    }
  }

  /** A stop is near: no single record is waited for from now on. Safe on any thread. */
  void hurry() {
    hurry.complete(null);
  }

  /** Makes what is under way fail soon. Safe on any thread. */
  void abandon() {
    isAbandoned = true;
    hurry();
    TransactionalProducer running = open;
    if (running != null) {
      running.abandon();
    }
  }

  @Override
  public void close() {
    reset();
  }
}
