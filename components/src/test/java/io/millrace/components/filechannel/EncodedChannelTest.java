/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.filechannel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.Channel;
import io.millrace.api.ConfigurationException;
import io.millrace.api.Delivery;
import io.millrace.components.filechannel.codec.CompressionKind;
import io.millrace.components.filechannel.codec.EncryptionOptions;
import io.millrace.components.testing.Events;
import io.millrace.components.testing.ToyChannelContext;
import io.millrace.components.testing.ToyMetrics;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** File channels that pack and seal what they keep. */
final class EncodedChannelTest {
  private static final String SECRET = "the secret words of one line, said again and again ";

  @TempDir Path temporary;

  private final List<Channel> opened = new ArrayList<>();
  private ChannelDirectories directories;
  private Path store;
  private Path storePassword;
  private Path keyPassword;

  @BeforeEach
  void makeKeyStore() throws Exception {
    directories = new ChannelDirectories(temporary.resolve("channel"));
    store = temporary.resolve("keys.jceks");
    storePassword = Files.writeString(temporary.resolve("store.password"), " of the store\n");
    keyPassword = Files.writeString(temporary.resolve("key.password"), "of key two");
    KeyStore keys = KeyStore.getInstance("JCEKS");
    keys.load(null, null);
    put(keys, "one", 16, "of the store");
    put(keys, "two", 32, "of key two");
    try (OutputStream out = Files.newOutputStream(store)) {
      keys.store(out, "of the store".toCharArray());
    }
  }

  private static void put(KeyStore keys, String alias, int keyBytes, String password)
      throws Exception {
    byte[] key = new byte[keyBytes];
    Arrays.fill(key, (byte) alias.charAt(0));
    keys.setEntry(
        alias,
        new KeyStore.SecretKeyEntry(new SecretKeySpec(key, "AES")),
        new KeyStore.PasswordProtection(password.toCharArray()));
  }

  @AfterEach
  void stopChannels() throws Exception {
    for (Channel channel : opened) {
      channel.stop();
    }
  }

  private EncryptionOptions encryption(String activeKey, String... aliases) {
    return encryption(activeKey, List.of(aliases), storePassword);
  }

  private EncryptionOptions encryption(String activeKey, List<String> aliases, Path password) {
    return new EncryptionOptions(
        Optional.of(activeKey),
        Optional.of("AESCTRNOPADDING"),
        Optional.of("JCEKSFILE"),
        Optional.of(store),
        Optional.of(password),
        aliases,
        aliases.contains("two") ? Map.of("two.passwordFile", keyPassword.toString()) : Map.of());
  }

  private Channel open(EncryptionOptions encryption, CompressionKind compression) throws Exception {
    Channel channel =
        directories
            .options(encryption, compression)
            .build(new ToyChannelContext("c1", new ToyMetrics()));
    channel.start();
    opened.add(channel);
    return channel;
  }

  private static void append(Channel channel, String... bodies) throws Exception {
    channel.append(Events.of(bodies)).get(60, TimeUnit.SECONDS);
  }

  private static List<String> drain(Channel channel) {
    List<String> bodies = new ArrayList<>();
    for (Delivery next = channel.take(10, Long.MAX_VALUE);
        next != null;
        next = channel.take(10, Long.MAX_VALUE)) {
      bodies.addAll(Events.bodies(next.batch()));
      next.acknowledge();
      next.close();
    }
    return bodies;
  }

  private boolean isOnDisk(String text) throws IOException {
    try (Stream<Path> files = Files.walk(directories.data()).filter(Files::isRegularFile)) {
      for (Path file : files.toList()) {
        if (new String(Files.readAllBytes(file), java.nio.charset.StandardCharsets.ISO_8859_1)
            .contains(text)) {
          return true;
        }
      }
    }
    return false;
  }

  @Test
  void sealedEventsAreNotReadableOnDiskAndComeBackAfterARestart() throws Exception {
    Channel channel = open(encryption("one", "one"), CompressionKind.NONE);
    append(channel, SECRET, "second");
    channel.stop();
    assertThat(isOnDisk("secret words")).isFalse();
    assertThat(drain(open(encryption("one", "one"), CompressionKind.NONE)))
        .containsExactly(SECRET, "second");
  }

  @Test
  void withoutEncryptionTheyAre() throws Exception {
    Channel channel = open(EncryptionOptions.none(), CompressionKind.NONE);
    append(channel, SECRET);
    channel.stop();
    assertThat(isOnDisk("secret words")).isTrue();
  }

  @Test
  void settingsMayChangeAtEveryRestartAndAllEventsStayReadable() throws Exception {
    List<String> expected = new ArrayList<>();
    List<EncryptionOptions> encryptions =
        List.of(
            encryption("one", "one", "two"),
            encryption("two", "one", "two"),
            encryption("one", "one", "two"));
    for (int i = 0; i < CompressionKind.values().length * 2; i++) {
      Channel channel =
          open(
              encryptions.get(i % encryptions.size()),
              CompressionKind.values()[i % CompressionKind.values().length]);
      String body = SECRET.repeat(50) + i;
      append(channel, body);
      expected.add(body);
      channel.stop();
    }
    Channel last = open(encryption("two", "one", "two"), CompressionKind.NONE);
    assertThat(drain(last)).isEqualTo(expected);
  }

  @Test
  void packedEventsTakeLessOfTheDisk() throws Exception {
    for (CompressionKind kind : List.of(CompressionKind.LZ4, CompressionKind.ZSTD)) {
      Channel channel = open(EncryptionOptions.none(), kind);
      append(channel, SECRET.repeat(100));
      channel.stop();
      assertThat(isOnDisk(SECRET.repeat(10))).isFalse();
      Channel again = open(EncryptionOptions.none(), kind);
      assertThat(drain(again)).containsExactly(SECRET.repeat(100));
      again.stop();
    }
  }

  @Test
  void aKeyThatIsNotGivenAnyMoreIsNamedAndNothingIsLost() throws Exception {
    Channel channel = open(encryption("one", "one"), CompressionKind.NONE);
    append(channel, SECRET);
    channel.stop();
    assertThatThrownBy(() -> open(encryption("two", "two"), CompressionKind.NONE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("key one is not among the keys");
    assertThatThrownBy(() -> open(EncryptionOptions.none(), CompressionKind.NONE))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("key one is not among the keys");
    assertThat(drain(open(encryption("one", "one"), CompressionKind.NONE))).containsExactly(SECRET);
  }

  @Test
  void everyMistakeWithKeysNamesTheOptionAndTheFile() throws Exception {
    assertMistake("encryption.keyProvider.keys", () -> encryption("three", "three"), "three");
    assertMistake(
        "encryption.keyProvider.keys",
        () ->
            new EncryptionOptions(
                Optional.of("two"),
                Optional.empty(),
                Optional.of("JCEKSFILE"),
                Optional.of(store),
                Optional.of(storePassword),
                List.of("two"),
                Map.of()),
        "does not open with its password");
    assertMistake(
        "encryption.keyProvider.keyStoreFile",
        () -> encryption("one", List.of("one"), keyPassword),
        store.toString());
    assertMistake(
        "encryption.keyProvider.keyStorePasswordFile",
        () -> encryption("one", List.of("one"), temporary.resolve("none")),
        "none");
    assertMistake("encryption.activeKey", () -> encryption("two", "one"), "not among");
    Files.writeString(store, "no key store");
    assertMistake("encryption.keyProvider.keyStoreFile", () -> encryption("one", "one"), "keys");
  }

  private interface Mistaken {
    EncryptionOptions make();
  }

  private static void assertMistake(String option, Mistaken mistaken, String word) {
    assertThatThrownBy(() -> mistaken.make().keySource())
        .isInstanceOfSatisfying(
            ConfigurationException.class, e -> assertThat(e.option()).isEqualTo(option))
        .hasMessageContaining(word)
        .hasMessageNotContaining("of the store");
  }

  @Test
  void anActiveKeyWithoutAProviderIsRefusedRatherThanLeftOut() {
    assertThatThrownBy(
            () ->
                new EncryptionOptions(
                    Optional.of("one"),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    Optional.empty(),
                    List.of(),
                    Map.of()))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("clear text");
  }
}
