/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.systemtests;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A broker as a process, and what is on its topics. Confined to one thread at a time. */
final class KafkaProcess implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(180);

  private final Process process;
  private final BufferedReader answers;
  private final String address;

  private KafkaProcess(Process process, BufferedReader answers, String address) {
    this.process = process;
    this.answers = answers;
    this.address = address;
  }

  static KafkaProcess start(Path directory) throws IOException {
    Path jars = Installation.sources().resolve("servers/kafka/target/lib");
    if (!Files.isDirectory(jars)) {
      throw new IllegalStateException(
          jars + " is not there (expected: laid out by mvn -pl servers/kafka package)");
    }
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx384m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                jars + "/*",
                "io.millrace.servers.kafka.KafkaServerMain",
                "--directory",
                directory.toString())
            .redirectError(directory.resolve("kafka.log").toFile())
            .start();
    // Ends with the tests also when they are ended from outside: its input is over then.
    BufferedReader answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    return new KafkaProcess(process, answers, ready(answers));
  }

  private static String ready(BufferedReader answers) throws IOException {
    String line = answers.readLine();
    if (line == null || !line.startsWith("READY ")) {
      throw new IllegalStateException("The broker says " + line + " (expected: READY HOST:PORT)");
    }
    return line.substring("READY ".length());
  }

  String address() {
    return address;
  }

  /** Stops it in an orderly way and starts it again on its port. */
  void restart() throws IOException {
    process.getOutputStream().write("restart\n".getBytes(StandardCharsets.UTF_8));
    process.getOutputStream().flush();
    ready(answers);
  }

  void createTopic(String topic, int partitions) throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", address))) {
      admin
          .createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
          .all()
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      // The topic is known a moment before its leaders take records.
      Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
      for (int i = 0; i < partitions; i++) {
        ends.put(new TopicPartition(topic, i), OffsetSpec.latest());
      }
      Conditions.await("leaders of " + topic, LIMIT, () -> haveLeaders(admin, ends));
    }
  }

  private static boolean haveLeaders(Admin admin, Map<TopicPartition, OffsetSpec> partitions)
      throws Exception {
    try {
      admin.listOffsets(partitions).all().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RetriableException) {
        return false;
      }
      throw e;
    }
  }

  /** What a reader of committed records sees of a topic up to its end now. */
  List<ConsumerRecord<byte[], byte[]>> records(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", address, "isolation.level", "read_committed"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      List<TopicPartition> partitions =
          consumer.partitionsFor(topic).stream()
              .map(info -> new TopicPartition(topic, info.partition()))
              .toList();
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      long deadlineNanos = System.nanoTime() + LIMIT.toNanos();
      while (ends.entrySet().stream().anyMatch(e -> consumer.position(e.getKey()) < e.getValue())) {
        if (System.nanoTime() > deadlineNanos) {
          throw new IllegalStateException(topic + " cannot be read up to " + ends);
        }
        consumer.poll(Duration.ofMillis(200)).forEach(records::add);
      }
    }
    return records;
  }

  @Override
  public void close() {
    try {
      process.getOutputStream().close();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
