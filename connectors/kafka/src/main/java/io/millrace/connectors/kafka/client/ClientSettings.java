/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.connectors.kafka.client;

import io.millrace.api.ConfigurationException;
import io.millrace.kit.tls.TlsFallbacks;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * What a client of Kafka is built with: what the user passes through, and what we say. Immutable.
 */
public final class ClientSettings {
  /** Flume's own key among those that are passed through. */
  private static final String NO_HOST_NAME_CHECK = "ssl.disableTLSHostnameVerification";

  private final Map<String, Object> settings;

  private ClientSettings(Map<String, Object> settings) {
    this.settings = settings;
  }

  /** Exactly what the user passes through. */
  public static ClientSettings of(Map<String, String> passedThrough) {
    return new ClientSettings(new TreeMap<>(passedThrough));
  }

  public Optional<String> value(String name) {
    return Optional.ofNullable(settings.get(name)).map(Object::toString);
  }

  /** Sets what the user has not set. */
  public ClientSettings orElse(String name, String value) {
    return settings.containsKey(name) ? this : always(name, value);
  }

  /** Sets it, whatever the user says. */
  public ClientSettings always(String name, Object value) {
    Map<String, Object> more = new TreeMap<>(settings);
    more.put(name, value);
    return new ClientSettings(more);
  }

  /** Reads {@link #NO_HOST_NAME_CHECK}, and fills in the process-wide stores where TLS is on. */
  public ClientSettings secured(TlsFallbacks fallbacks) {
    Map<String, Object> more = new TreeMap<>(settings);
    Object unchecked = more.remove(NO_HOST_NAME_CHECK);
    if (unchecked != null && Boolean.parseBoolean(unchecked.toString().trim())) {
      more.put("ssl.endpoint.identification.algorithm", "");
    }
    String protocol = String.valueOf(more.getOrDefault("security.protocol", ""));
    if (protocol.endsWith("SSL")) {
      fallbacks.truststorePath().ifPresent(v -> more.putIfAbsent("ssl.truststore.location", v));
      fallbacks.truststorePassword().ifPresent(v -> more.putIfAbsent("ssl.truststore.password", v));
      fallbacks.truststoreType().ifPresent(v -> more.putIfAbsent("ssl.truststore.type", v));
      fallbacks.keystorePath().ifPresent(v -> more.putIfAbsent("ssl.keystore.location", v));
      fallbacks.keystorePassword().ifPresent(v -> more.putIfAbsent("ssl.keystore.password", v));
      fallbacks.keystoreType().ifPresent(v -> more.putIfAbsent("ssl.keystore.type", v));
    }
    return new ClientSettings(more);
  }

  /** A consumer of bytes. */
  public KafkaConsumer<byte[], byte[]> newConsumer() {
    return inOwnClasses(() -> new KafkaConsumer<>(forConsumer().settings));
  }

  /** A producer of bytes. */
  public KafkaProducer<byte[], byte[]> newProducer() {
    return inOwnClasses(() -> new KafkaProducer<>(forProducer().settings));
  }

  /** Something else of Kafka's that is built of these settings. */
  public <T> T build(Function<Map<String, Object>, T> constructor) {
    return inOwnClasses(() -> constructor.apply(settings));
  }

  /**
   * Refuses what no consumer would start with.
   *
   * @param prefix of the keys as the user writes them
   */
  public ClientSettings checkedForConsumer(String prefix) {
    check(ConsumerConfig.configDef(), forConsumer(), prefix);
    return this;
  }

  /** Refuses what no producer would start with; see {@link #checkedForConsumer}. */
  public ClientSettings checkedForProducer(String prefix) {
    check(ProducerConfig.configDef(), forProducer(), prefix);
    return this;
  }

  private ClientSettings forConsumer() {
    return always(ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class)
        .always(ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class);
  }

  private ClientSettings forProducer() {
    return always(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class)
        .always(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class);
  }

  private static void check(ConfigDef definition, ClientSettings settings, String prefix) {
    Map<String, String> texts = new TreeMap<>();
    settings.settings.forEach(
        (name, value) -> texts.put(name, value instanceof Class<?> c ? c.getName() : "" + value));
    List<ConfigValue> values = inOwnClasses(() -> definition.validate(texts));
    for (ConfigValue value : values) {
      if (!value.errorMessages().isEmpty()) {
        throw new ConfigurationException(
            prefix + value.name(), "Kafka's client says: " + value.errorMessages().get(0));
      }
    }
  }

  /**
   * Kafka finds classes by the context class loader, which is another one while options are read.
   */
  private static <T> T inOwnClasses(Supplier<T> work) {
    Thread thread = Thread.currentThread();
    ClassLoader before = thread.getContextClassLoader();
    thread.setContextClassLoader(ClientSettings.class.getClassLoader());
    try {
      return work.get();
    } finally {
      thread.setContextClassLoader(before);
    }
  }

  /** The names only: values may be secret. */
  @Override
  public String toString() {
    return "ClientSettings" + settings.keySet();
  }
}
