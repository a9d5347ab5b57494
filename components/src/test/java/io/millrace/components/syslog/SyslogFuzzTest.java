/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.millrace.api.EncodedHeaders;
import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.api.MalformedBatchException;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Whatever comes, every message is one event of a batch that is well-formed. */
class SyslogFuzzTest {
  private static final List<String> SEEDS =
      List.of(
          "<34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8",
          "<165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - text",
          "<13>1 - - - - - - ",
          "<13>2026-11-23T05:09:19.123456+01:00 ::1 nginx: GET /");

  /** A message that says that it has no time is read all the same, and gives no header of it. */
  private static final Pattern UNTIMED = Pattern.compile("<\\d{1,3}> ?- ");

  @Property(tries = 5000)
  void aMessageOfAnyBytesIsOneEventThatLosesNothing(@ForAll long seed)
      throws MalformedBatchException {
    Random random = new Random(seed);
    byte[] message = mutated(random);
    for (Messages messages :
        List.of(
            Messages.single(),
            Messages.multiport().in(ISO_8859_1),
            Messages.single().keeping("priority", "version", "timestamp", "hostname"))) {
      EventBatch.Builder builder = EventBatch.builder();
      messages
          .events()
          .add(
              message,
              0,
              message.length,
              random.nextBoolean(),
              UTF_8,
              EncodedHeaders.NONE,
              builder);
      EventBatch built = builder.build();
      byte[] bytes = new byte[built.encodedBytes()];
      built.copyTo(bytes, 0);
      EventBatch batch = EventBatch.parse(bytes);
      assertThat(batch.eventCount()).isEqualTo(1);
      EventView event = batch.iterator().next();
      String whole = new String(message, ISO_8859_1);
      String body = new String(event.body(), ISO_8859_1);
      boolean isUnread = event.header("timestamp") == null && event.header("version") == null;
      if (isUnread && !UNTIMED.matcher(whole).lookingAt()) {
        assertThat(body).isEqualTo(whole);
      } else {
        assertThat(whole).endsWith(body.substring(body.length() - Math.min(3, body.length())));
      }
    }
  }

  private static byte[] mutated(Random random) {
    byte[] seed = SEEDS.get(random.nextInt(SEEDS.size())).getBytes(ISO_8859_1);
    int length = random.nextInt(4) == 0 ? random.nextInt(seed.length + 1) : seed.length;
    byte[] message = java.util.Arrays.copyOf(seed, Math.max(1, length));
    for (int i = random.nextInt(4); i > 0; i--) {
      message[random.nextInt(message.length)] = (byte) random.nextInt(256);
    }
    return message;
  }
}
