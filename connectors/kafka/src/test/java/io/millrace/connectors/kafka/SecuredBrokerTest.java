/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.millrace.api.Origin;
import io.millrace.api.Outcome;
import io.millrace.api.Sink;
import io.millrace.api.Source;
import io.millrace.api.TransientException;
import io.millrace.connectors.kafka.sink.KafkaSinkOptions;
import io.millrace.connectors.kafka.source.KafkaSourceOptions;
import io.millrace.connectors.kafka.testing.Broker;
import io.millrace.connectors.kafka.testing.Events;
import io.millrace.connectors.kafka.testing.KeyStores;
import io.millrace.connectors.kafka.testing.Options;
import io.millrace.connectors.kafka.testing.ToyContext;
import io.millrace.connectors.kafka.testing.ToyOutput;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Broker.Extension.class)
class SecuredBrokerTest {
  private static final Duration LIMIT = Duration.ofSeconds(60);

  private final Broker broker;

  SecuredBrokerTest(Broker broker) {
    this.broker = broker;
  }

  private Map<String, String> user(String kind, String password) {
    Map<String, String> given = new HashMap<>();
    given.put("kafka.bootstrap.servers", broker.server().saslBootstrap());
    given.put("kafka." + kind + ".security.protocol", "SASL_PLAINTEXT");
    given.put("kafka." + kind + ".sasl.mechanism", "SCRAM-SHA-256");
    given.put(
        "kafka." + kind + ".sasl.jaas.config",
        "org.apache.kafka.common.security.scram.ScramLoginModule required username=\""
            + Broker.USER
            + "\" password=\""
            + password
            + "\";");
    return given;
  }

  private void allow(ResourceType type, String name, AclOperation... operations) {
    for (AclOperation operation : operations) {
      Broker.get(
          broker
              .admin()
              .createAcls(List.of(rule(type, name, operation, AclPermissionType.ALLOW)))
              .all());
    }
  }

  private static AclBinding rule(
      ResourceType type, String name, AclOperation operation, AclPermissionType permission) {
    return new AclBinding(
        new ResourcePattern(type, name, PatternType.LITERAL),
        new AccessControlEntry("User:" + Broker.USER, "*", operation, permission));
  }

  private static Outcome deliver(Sink sink, String... bodies) throws Exception {
    return sink.deliver(Events.of(bodies), Origin.NONE).get(60, TimeUnit.SECONDS);
  }

  @Test
  void whatTheAuthorizerRefusesStaysUntilItIsAllowedOrIsRejectedIfSoAskedFor() throws Exception {
    String topic = broker.newTopic(1);
    Map<String, String> given = user("producer", Broker.PASSWORD);
    given.put("kafka.topic", topic);
    given.put("kafka.producer.max.block.ms", "30000");
    Sink keeping = Options.read(KafkaSinkOptions.class, given).build(new ToyContext("keeping"));
    given.put("unauthorized", "reject");
    Sink rejecting = Options.read(KafkaSinkOptions.class, given).build(new ToyContext("rejecting"));
    keeping.start();
    rejecting.start();
    try {
      assertThatThrownBy(() -> deliver(keeping, "a"))
          .hasCauseInstanceOf(TransientException.class)
          .hasMessageContaining("TopicAuthorization");
      assertThat(deliver(rejecting, "b", "c").rejections().keySet()).containsExactly(0, 1);

      allow(ResourceType.TOPIC, topic, AclOperation.WRITE, AclOperation.DESCRIBE);
      allow(ResourceType.CLUSTER, "kafka-cluster", AclOperation.IDEMPOTENT_WRITE);
      await()
          .atMost(LIMIT)
          .ignoreExceptions()
          .until(() -> deliver(keeping, "a").isFullyDelivered());
      assertThat(broker.values(topic)).containsExactly("a");
    } finally {
      keeping.stop();
      rejecting.stop();
    }
  }

  /** With the rights that the guide names, and no others. */
  @Test
  void whoIsFencedAndCannotSeeByWhomAsksAgainAndDoesNotFenceBack() throws Exception {
    String topic = broker.newTopic(1);
    UUID journal = UUID.randomUUID();
    String group = "millrace." + journal + ".once";
    allow(ResourceType.TOPIC, topic, AclOperation.WRITE, AclOperation.DESCRIBE, AclOperation.READ);
    allow(
        ResourceType.TRANSACTIONAL_ID,
        "millrace-" + journal + "-once",
        AclOperation.WRITE,
        AclOperation.DESCRIBE);
    allow(ResourceType.GROUP, group, AclOperation.READ);
    Map<String, String> given = user("producer", Broker.PASSWORD);
    given.put("kafka.topic", topic);
    given.put("exactly-once", "true");
    given.put("kafka.producer.max.block.ms", "30000");
    Sink fenced = Options.read(KafkaSinkOptions.class, given).build(new ToyContext("once"));
    Sink successor =
        Options.read(
                KafkaSinkOptions.class,
                Map.of(
                    "kafka.bootstrap.servers",
                    broker.server().bootstrap(),
                    "kafka.topic",
                    topic,
                    "exactly-once",
                    "true"))
            .build(new ToyContext("once"));
    fenced.start();
    successor.start();
    try (Admin alice = asUser(given)) {
      // Rules reach the broker a moment after they were made.
      await()
          .atMost(LIMIT)
          .ignoreExceptions()
          .until(() -> deliver(fenced, journal, 0, 10).isFullyDelivered());
      assertThat(deliver(successor, journal, 10, 20).isFullyDelivered()).isTrue();
      AclBinding never =
          rule(ResourceType.GROUP, group, AclOperation.DESCRIBE, AclPermissionType.DENY);
      Broker.get(broker.admin().createAcls(List.of(never)).all());
      await().atMost(LIMIT).until(() -> !maySee(alice, group));

      for (int i = 0; i < 2; i++) {
        assertThatThrownBy(() -> deliver(fenced, journal, 20, 30))
            .hasCauseInstanceOf(TransientException.class)
            .hasMessageContaining("cannot be read");
      }
      assertThat(deliver(successor, journal, 20, 30).isFullyDelivered()).isTrue();
      Broker.get(broker.admin().deleteAcls(List.of(never.toFilter())).all());
      await().atMost(LIMIT).until(() -> maySee(alice, group));
      assertThatThrownBy(() -> deliver(fenced, journal, 20, 30))
          .hasMessageContaining("KAFKA_SINK_FENCED");
    } finally {
      fenced.stop();
      successor.stop();
    }
    assertThat(broker.values(topic)).isEqualTo(Events.numbers(0, 30));
  }

  private static Outcome deliver(Sink sink, UUID journal, int from, int to) throws Exception {
    return sink.deliver(Events.numbered(from, to), new Origin(journal, 0, from, to - from))
        .get(120, TimeUnit.SECONDS);
  }

  private static Admin asUser(Map<String, String> given) {
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", given.get("kafka.bootstrap.servers"));
    given.forEach(
        (key, value) -> {
          if (key.startsWith("kafka.producer.s")) {
            settings.put(key.substring("kafka.producer.".length()), value);
          }
        });
    return Admin.create(settings);
  }

  private static boolean maySee(Admin user, String group) throws Exception {
    try {
      user.listConsumerGroupOffsets(group)
          .partitionsToOffsetAndMetadata()
          .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      return true;
    } catch (ExecutionException e) {
      assertThat(e.getCause()).isInstanceOf(GroupAuthorizationException.class);
      return false;
    }
  }

  @Test
  void aSourceThatMayNotReadGoesOnTryingUntilItMay() throws Exception {
    String topic = broker.newTopic(1);
    String group = "g-" + UUID.randomUUID();
    broker.sendNumbers(topic, 0, 10, 1);
    Map<String, String> given = user("consumer", Broker.PASSWORD);
    given.put("kafka.topics", topic);
    given.put("kafka.consumer.group.id", group);
    given.put("kafka.consumer.auto.offset.reset", "earliest");
    given.put("backoffSleepIncrement", "50");
    given.put("maxBackoffSleep", "200");
    ToyContext context = new ToyContext("reading");
    Source source = Options.read(KafkaSourceOptions.class, given).build(context);
    source.start();
    try {
      await().atMost(LIMIT).until(() -> context.metrics().value("EventReadFail") > 1);
      allow(ResourceType.TOPIC, topic, AclOperation.READ, AclOperation.DESCRIBE);
      allow(ResourceType.GROUP, group, AclOperation.READ);
      await().atMost(LIMIT).until(() -> ((ToyOutput) context.output()).events().size() == 10);
    } finally {
      source.stop();
    }
  }

  @Test
  void overTlsWithAStoreOfTheOptionsTheHostNameIsCheckedUnlessThatIsTurnedOff() throws Exception {
    String topic = broker.newTopic(1);
    Map<String, String> given = new HashMap<>();
    given.put("kafka.bootstrap.servers", broker.server().tlsBootstrap());
    given.put("kafka.topic", topic);
    given.put("kafka.producer.security.protocol", "SSL");
    given.put("kafka.producer.ssl.truststore.location", broker.keyStore().toString());
    given.put("kafka.producer.ssl.truststore.password", KeyStores.PASSWORD);
    given.put("kafka.producer.max.block.ms", "30000");
    // The certificate is of localhost, the address is 127.0.0.1.
    Sink checking = Options.read(KafkaSinkOptions.class, given).build(new ToyContext("checking"));
    given.put("kafka.producer.ssl.disableTLSHostnameVerification", "true");
    Sink trusting = Options.read(KafkaSinkOptions.class, given).build(new ToyContext("trusting"));
    checking.start();
    trusting.start();
    try {
      assertThatThrownBy(() -> deliver(checking, "a")).hasCauseInstanceOf(TransientException.class);
      assertThat(deliver(trusting, "a").isFullyDelivered()).isTrue();
      assertThat(broker.values(topic)).containsExactly("a");
    } finally {
      checking.stop();
      trusting.stop();
    }
  }

  @Test
  void aWrongPasswordIsToldAndNeverShown() throws Exception {
    Map<String, String> given = user("producer", "wrong-secret-11");
    given.put("kafka.topic", "t");
    given.put("kafka.producer.max.block.ms", "30000");
    KafkaSinkOptions options = Options.read(KafkaSinkOptions.class, given);
    Sink sink = options.build(new ToyContext("wrong"));
    sink.start();
    try {
      assertThatThrownBy(() -> deliver(sink, "a"))
          .hasCauseInstanceOf(TransientException.class)
          .hasMessageContaining("Authentication")
          .hasMessageNotContaining("wrong-secret-11");
    } finally {
      sink.stop();
    }
  }
}
