/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.testing;

import io.millrace.servers.kafka.KafkaServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * A real broker, one for all test classes of a run: with a port for TLS, one for users, and an
 * authorizer. Tests take topics of their own. Safe for many threads.
 */
public final class Broker implements ExtensionContext.Store.CloseableResource {
  public static final String USER = "alice";
  public static final String PASSWORD = "alice-secret-47";

  private static final long OPEN_TRANSACTION_NANOS = 5_000_000_000L;
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Path directory;
  private final KafkaServer server;
  private final KafkaProducer<byte[], byte[]> producer;
  private final Admin admin;

  /** Gives the broker to whoever asks for it. */
  public static final class Extension implements ParameterResolver {
    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
      return parameter.getParameter().getType() == Broker.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
      return context
          .getRoot()
          .getStore(ExtensionContext.Namespace.GLOBAL)
          .getOrComputeIfAbsent(Broker.class, type -> new Broker(), Broker.class);
    }
  }

  private Broker() {
    try {
      directory = Files.createTempDirectory("millrace-kafka-test");
      server =
          KafkaServer.in(directory)
              .tls(KeyStores.of(directory.resolve("server.p12"), "localhost"), KeyStores.PASSWORD)
              .user(USER, PASSWORD)
              .authorizing()
              .set("auto.create.topics.enable", "false")
              .start();
    } catch (Exception e) {
      throw new IllegalStateException("The broker did not start", e);
    }
    Map<String, Object> settings = Map.of("bootstrap.servers", server.bootstrap());
    producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer());
    admin = Admin.create(settings);
  }

  public KafkaServer server() {
    return server;
  }

  public Admin admin() {
    return admin;
  }

  public Path keyStore() {
    return directory.resolve("server.p12");
  }

  public String newTopic(int partitions) {
    return newTopic(partitions, Map.of());
  }

  public String newTopic(int partitions, Map<String, String> settings) {
    String topic = "t-" + UUID.randomUUID();
    createTopic(topic, partitions, settings);
    return topic;
  }

  public void createTopic(String topic, int partitions, Map<String, String> settings) {
    get(
        admin
            .createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(settings)))
            .all());
    // Metadata names the leader a moment before the leader takes records. An idempotent producer
    // that sends several batches into that moment may have a later one accepted as the first.
    List<TopicPartition> created = new ArrayList<>();
    for (int i = 0; i < partitions; i++) {
      created.add(new TopicPartition(topic, i));
    }
    ends(created);
    producer.partitionsFor(topic);
  }

  public static <T> T get(org.apache.kafka.common.KafkaFuture<T> future) {
    try {
      return future.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  public void send(ProducerRecord<byte[], byte[]> record) {
    try {
      producer.send(record).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  /** Sends the numbers as values, spread over partitions by turns; returns when all are stored. */
  public void sendNumbers(String topic, int from, int to, int partitions) {
    List<Future<RecordMetadata>> answers = new ArrayList<>();
    for (int i = from; i < to; i++) {
      answers.add(
          producer.send(
              new ProducerRecord<>(topic, i % partitions, null, bytes(Integer.toString(i)))));
    }
    producer.flush();
    for (Future<RecordMetadata> answer : answers) {
      try {
        answer.get();
      } catch (ExecutionException | InterruptedException e) {
        throw new IllegalStateException("Not every number from " + from + " was stored", e);
      }
    }
  }

  /** What committed readers see of a topic, partition by partition, up to its end now. */
  public List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    return records(topic, "read_committed");
  }

  public List<ConsumerRecord<byte[], byte[]>> records(String topic, String isolation) {
    Properties settings = new Properties();
    settings.setProperty("bootstrap.servers", server.bootstrap());
    settings.setProperty("isolation.level", isolation);
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      Map<TopicPartition, Long> ends = settledEnds(consumer, partitions);
      consumer.seekToBeginning(partitions);
      long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        if (System.nanoTime() > deadlineNanos) {
          throw new IllegalStateException(topic + " cannot be read to its end " + ends);
        }
        consumer.poll(Duration.ofMillis(100)).forEach(records::add);
      }
    }
    return records;
  }

  /**
   * Where committed records end. A commit is answered before each partition has heard of it, so
   * that for a moment less may be seen; a transaction that stays open is not waited for longer.
   */
  private Map<TopicPartition, Long> settledEnds(
      KafkaConsumer<byte[], byte[]> consumer, List<TopicPartition> partitions) {
    long deadlineNanos = System.nanoTime() + OPEN_TRANSACTION_NANOS;
    while (true) {
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> written = ends(partitions);
      boolean isSettled =
          ends.entrySet().stream().allMatch(e -> e.getValue() >= written.get(e.getKey()).offset());
      if (isSettled || System.nanoTime() > deadlineNanos) {
        return ends;
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  /** Where all records end, as the leaders say; waits until there are leaders. */
  private Map<TopicPartition, ListOffsetsResult.ListOffsetsResultInfo> ends(
      List<TopicPartition> partitions) {
    Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
    partitions.forEach(partition -> latest.put(partition, OffsetSpec.latest()));
    long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      try {
        return get(admin.listOffsets(latest).all());
      } catch (IllegalStateException e) {
        // The client gives up at once where the broker has not heard of the topic yet.
        if (!(e.getCause() instanceof RetriableException) || System.nanoTime() > deadlineNanos) {
          throw e;
        }
        LockSupport.parkNanos(20_000_000);
      }
    }
  }

  public List<String> values(String topic) {
    return records(topic).stream().map(record -> text(record.value())).toList();
  }

  /** Offsets that a group has committed, by partition. */
  public Map<TopicPartition, OffsetAndMetadata> offsets(String group) {
    return get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata());
  }

  /** The sum of the offsets that a group has committed. */
  public long committed(String group) {
    return offsets(group).values().stream()
        .filter(offset -> offset != null)
        .mapToLong(OffsetAndMetadata::offset)
        .sum();
  }

  public static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public static String text(byte[] bytes) {
    return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
  }

  @Override
  public void close() {
    producer.close(Duration.ZERO);
    admin.close(Duration.ZERO);
    server.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
