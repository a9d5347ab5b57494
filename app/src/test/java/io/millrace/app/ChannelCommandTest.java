/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.journal.Journal;
import io.millrace.journal.codec.PayloadCodec;
import io.millrace.journal.disk.NioDisk;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an operator types and reads: {@code millrace channel} on real directories. */
class ChannelCommandTest {
  @TempDir private Path root;
  private ChannelOnDisk disk;

  @BeforeEach
  void name() {
    disk = new ChannelOnDisk(root);
  }

  @Test
  void infoSaysWhatWaitsAndWhereItLies() {
    disk.fill(40, 30);

    CommandRun run = disk.run("info");

    assertThat(run.err()).isEmpty();
    assertThat(run.status()).isZero();
    assertThat(disk.plain(run.out()))
        .isEqualTo(
            """
            File channel in ROOT/data
              journal     UUID, format 1
              in use      no
              waiting     90 events
              sealed      no
              packed      no

            Lane 0  ROOT/data
              waiting     90 events; next sequence 120, all below 30 delivered
              segments    5 live (160.0 KiB), 1 free (32.0 KiB), 1 spare (32.0 KiB)
              disk        SPACE free
              checkpoint  ROOT/checkpoint/lane-00000.checkpoint: valid, N seconds old
                SEGMENT         STATE  SEQUENCES  WAITING      SIZE  LAST WRITTEN
                0000000002.seg  free                       32.0 KiB  TIME
                0000000003.seg  live       21-41       12  32.0 KiB  TIME
                0000000004.seg  live       42-62       21  32.0 KiB  TIME
                0000000005.seg  live       63-83       21  32.0 KiB  TIME
                0000000006.seg  live      84-104       21  32.0 KiB  TIME
                0000000007.seg  live     105-119       15  32.0 KiB  TIME
            """);
  }

  @Test
  void verifySaysThatASoundChannelIsWhole() {
    disk.fill(10, 0);

    CommandRun run = disk.run("verify");

    assertThat(run.status()).isZero();
    assertThat(disk.plain(run.out()))
        .isEqualTo(
            """
            File channel in ROOT/data
              lane 0  ROOT/data  30 events  whole

            Read 30 events in 10 batches (15.4 KiB) in N s.
            The channel is whole.
            """);
  }

  @Test
  void verifySaysWhatIsDamagedAndWhatThatCosts() throws IOException {
    disk.fill(10, 0);
    String where = disk.damage(6);

    CommandRun run = disk.run("verify");

    assertThat(run.status()).isEqualTo(1);
    assertThat(disk.plain(run.out()))
        .isEqualTo(
            """
            File channel in ROOT/data
              lane 0  ROOT/data  30 events  DAMAGED

            Damage
              lane 0, WHERE
                  damaged after it was synced: the disk, or somebody, changed it
                  costs 3 events: sequences 6-8

            Read 27 events in 9 batches (13.9 KiB) in N s.
            3 events lost; the others are delivered.

            What the next start of the agent does
              - delivers what is whole; when it comes to the damaged batches it skips them, keeps \
            their bytes in .bad files, and counts 3 events lost
            """
                .replace("WHERE", where));
  }

  @Test
  void dumpPrintsWhatWaitsAndNothingThatMovesTheCursor() throws IOException {
    disk.fill(3, 4);

    CommandRun run = disk.run("dump", "--max-body", "9");

    assertThat(run.status()).isZero();
    assertThat(run.out().lines())
        .containsExactly(
            "0/4  {host=web\\u{1b}[31m1}  event 4..... 498 more",
            "0/5  {host=web\\u{1b}[31m1}  event 5..... 498 more",
            "0/6  {host=web\\u{1b}[31m1}  event 6..... 498 more",
            "0/7  {host=web\\u{1b}[31m1}  event 7..... 498 more",
            "0/8  {host=web\\u{1b}[31m1}  event 8..... 498 more");
    assertThat(disk.run("dump", "--all").out().lines()).hasSize(9);
    CommandRun limited = disk.run("dump", "--limit", "2", "--from-sequence", "6");
    assertThat(limited.out().lines()).hasSize(2).allMatch(line -> line.matches("0/[67] .*"));
    assertThat(limited.err()).contains("There is more");
    assertThat(disk.run("dump", "--format", "json", "--limit", "1").out())
        .startsWith(
            "{\"lane\":0,\"sequence\":4,\"waiting\":true,\"headers\":{\"host\":\"web\\u001B");
  }

  @Test
  void aMistakenDirectoryIsAnsweredWithARemedy() throws IOException {
    disk.fill(1, 0);

    assertThat(CommandRun.of("channel", "info", disk.root.toString()))
        .satisfies(
            run -> {
              assertThat(run.status()).isEqualTo(2);
              assertThat(run.err()).contains("Name these: " + disk.checkpoint + " " + disk.data);
            });
    assertThat(CommandRun.of("channel", "info", disk.root + "/none").err())
        .contains("no such directory")
        .contains("mounted");
    assertThat(CommandRun.of("channel", "info", disk.checkpoint.toString()).err())
        .contains("holds no events");
    assertThat(CommandRun.of("channel", "info").err()).contains("Which channel?");
    assertThat(CommandRun.of("channel").err()).contains("info, verify, dump, export, repair");
    Path flume = Files.createDirectory(disk.root.resolve("flume"));
    Files.createFile(flume.resolve("log-1"));
    assertThat(CommandRun.of("channel", "info", flume.toString()).err())
        .contains("a file channel of Apache Flume")
        .contains("takes it over");
  }

  @Test
  void aConfigurationNamesTheDirectories() throws IOException {
    disk.fill(10, 0);
    Path file =
        Files.writeString(
            disk.root.resolve("agent.conf"),
            """
            a1.channels = c1 m1
            a1.sinks = k1
            a1.channels.m1.type = memory
            a1.channels.c1.type = file
            a1.channels.c1.checkpointDir = %s
            a1.channels.c1.dataDirs = %s
            a1.sinks.k1.type = null
            a1.sinks.k1.channel = c1
            """
                .formatted(disk.checkpoint, disk.data));

    CommandRun run = CommandRun.of("channel", "info", "-f", file.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).startsWith("File channel c1 of agent a1\n").contains("30 events");
    assertThat(CommandRun.of("channel", "verify", "-f", file.toString(), "-n", "a1").status())
        .isZero();
    assertThat(CommandRun.of("channel", "info", "-f", file.toString(), "--channel", "m1").err())
        .contains("no file channel m1")
        .contains("c1");
  }

  @Test
  void whatIsSealedNeedsItsKeys() throws Exception {
    Path store = disk.root.resolve("keys.jceks");
    Path password = Files.writeString(disk.root.resolve("password"), "secret-store");
    SecretKey key = new SecretKeySpec(new byte[32], "AES");
    KeyStore keys = KeyStore.getInstance("JCEKS");
    keys.load(null, null);
    keys.setKeyEntry("k1", key, "secret-store".toCharArray(), null);
    try (var out = Files.newOutputStream(store)) {
      keys.store(out, "secret-store".toCharArray());
    }
    PayloadCodec codec =
        PayloadCodec.of(
            List.of(),
            Optional.empty(),
            alias -> alias.equals("k1") ? Optional.of(key) : Optional.empty(),
            Optional.of("k1"));
    try (Journal journal =
        Journal.open(disk.options().codec(codec).build(), new NioDisk(), event -> {})) {
      ChannelOnDisk.append(journal, 10);
    }

    assertThat(disk.run("info").out()).contains("sealed      key k1").contains("REFUSES");
    CommandRun keyless = disk.run("verify");
    assertThat(keyless.status()).isEqualTo(1);
    assertThat(keyless.out())
        .contains("Not looked into, for want of a key: 10 sealed batches")
        .contains("No event is lost")
        .contains("key k1 is not among the keys");
    assertThat(disk.run("dump").status()).isEqualTo(1);
    assertThat(disk.run("repair", "--yes").status()).isEqualTo(1);

    Path file =
        Files.writeString(
            disk.root.resolve("agent.conf"),
            """
            a1.channels = c1
            a1.sinks = k1
            a1.channels.c1.type = file
            a1.channels.c1.checkpointDir = %s
            a1.channels.c1.dataDirs = %s
            a1.channels.c1.encryption.keyProvider = JCEKSFILE
            a1.channels.c1.encryption.keyProvider.keyStoreFile = %s
            a1.channels.c1.encryption.keyProvider.keyStorePasswordFile = %s
            a1.channels.c1.encryption.keyProvider.keys = k1
            a1.channels.c1.encryption.activeKey = k1
            a1.sinks.k1.type = null
            a1.sinks.k1.channel = c1
            """
                .formatted(disk.checkpoint, disk.data, store, password));
    CommandRun keyed = CommandRun.of("channel", "verify", "-f", file.toString());
    assertThat(keyed.status()).as(keyed.out() + keyed.err()).isZero();
    assertThat(CommandRun.of("channel", "dump", "-f", file.toString()).out().lines()).hasSize(30);
    Files.delete(store);
    assertThat(CommandRun.of("channel", "info", "-f", file.toString()).err())
        .contains("keys can't be had");
  }

  @Test
  void aLaterFormatIsLeftAloneAndSaidSo() throws IOException {
    disk.fill(2, 0);
    Path segment = disk.segments().get(0);
    byte[] content = Files.readAllBytes(segment);
    ByteBuffer header = ByteBuffer.wrap(content);
    header.putShort(8, (short) 2);
    java.util.zip.CRC32C crc = new java.util.zip.CRC32C();
    crc.update(content, 0, 124);
    header.putInt(124, (int) crc.getValue());
    Files.write(segment, content);

    CommandRun run = disk.run("verify");
    assertThat(run.status()).isEqualTo(2);
    assertThat(run.err()).contains("later version of Millrace");
    assertThat(disk.run("info").out()).contains("later version").contains("REFUSES");
  }

  @Test
  void infoForProgramsIsJson() throws IOException {
    disk.fill(10, 4);

    var json =
        new com.fasterxml.jackson.databind.ObjectMapper()
            .readTree(disk.run("info", "--json").out());

    assertThat(json.get("waitingEvents").asLong()).isEqualTo(26);
    assertThat(json.get("lanes").get(0).get("lowWater").asLong()).isEqualTo(4);
    assertThat(json.get("lanes").get(0).get("segments")).isNotEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"info", "verify", "dump", "export", "repair"})
  void everyCommandHasHelpOfAtMostAHundredColumns(String command) {
    CommandRun run = CommandRun.of("channel", command, "--help");

    assertThat(run.status()).isZero();
    assertThat(run.out()).startsWith("Usage: millrace channel " + command).contains("Exit status");
    assertThat(run.out().lines())
        .allSatisfy(line -> assertThat(line).hasSizeLessThanOrEqualTo(100));
  }
}
