/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.syslog;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.ConfigurationException;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Headers and bodies of messages, as RFCs and devices have them. */
class SyslogEventsTest {
  /** Facility, severity, version, time, host and body; what is empty is not there. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # RFC 3164, section 5.4
          <34>Oct 11 22:14:15 mymachine su: 'su root' failed for lonvick on /dev/pts/8|4|2||2026-10-11T22:14:15Z|mymachine|su: 'su root' failed for lonvick on /dev/pts/8
          <13>Feb  5 17:32:18 10.0.0.99 Use the BFG!|1|5||2026-02-05T17:32:18Z|10.0.0.99|Use the BFG!
          <0>Oct 22 10:52:12 scapegoat 1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!|0|0||2026-10-22T10:52:12Z|scapegoat|1990 Oct 22 10:52:01 TZ-6 scapegoat.dmz.example.org 10.1.2.3 sched[0]: That's All Folks!
          # a day of one digit behind one blank
          <13>Nov 3 05:09:19 host body|1|5||2026-11-03T05:09:19Z|host|body
          # a version in front of an RFC 3164 time
          <13>1 Nov 23 05:09:19 host body|1|5|1|2026-11-23T05:09:19Z|host|body
          # RFC 5424, section 6.5
          <34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed|4|2|1|2003-10-11T22:14:15.003Z|mymachine.example.com|su - ID47 - 'su root' failed
          <165>1 2003-08-24T05:14:15.000003-07:00 192.0.2.1 myproc 8710 - - %% It's time to make the do-nuts.|20|5|1|2003-08-24T12:14:15Z|192.0.2.1|myproc 8710 - - %% It's time to make the do-nuts.
          <165>1 2003-10-11T22:14:15.003Z mymachine.example.com evntslog - ID47 [exampleSDID@32473 iut="3"] An application|20|5|1|2003-10-11T22:14:15.003Z|mymachine.example.com|evntslog - ID47 [exampleSDID@32473 iut="3"] An application
          # nobody knows when and where
          <13>1 - - app - - - text|1|5|1|||app - - - text
          # rsyslog's forward format has no version
          <13>2026-11-23T05:09:19.123456+01:00 web-1 nginx: GET /|1|5||2026-11-23T04:09:19.123Z|web-1|nginx: GET /
          # no zone: that of the source
          <13>1 2026-11-23T05:09:19 host text|1|5|1|2026-11-23T05:09:19Z|host|text
          # IPv6, and what Windows senders have as a name
          <13>Nov 23 05:09:19 2001:db8::1 text|1|5||2026-11-23T05:09:19Z|2001:db8::1|text
          <13>Nov 23 05:09:19 ::1 text|1|5||2026-11-23T05:09:19Z|::1|text
          <13>Nov 23 05:09:19 WIN_SRV@corp.example text|1|5||2026-11-23T05:09:19Z|WIN_SRV@corp.example|text
          # leap years and leap seconds
          <13>1 2024-02-29T23:59:60Z host text|1|5|1|2024-03-01T00:00:00Z|host|text
          """)
  void whatIsReadOfAMessage(
      String message,
      String facility,
      String severity,
      String version,
      String time,
      String host,
      String body) {
    Messages.Event event = Messages.single().read(message);

    assertThat(event.header("Facility")).isEqualTo(facility);
    assertThat(event.header("Severity")).isEqualTo(severity);
    assertThat(event.header("priority"))
        .isEqualTo(Integer.toString(Integer.parseInt(facility) * 8 + Integer.parseInt(severity)));
    assertThat(event.header("version")).isEqualTo(version);
    assertThat(event.header("timestamp"))
        .isEqualTo(time == null ? null : Long.toString(Instant.parse(time).toEpochMilli()));
    assertThat(event.header("host")).isEqualTo(host);
    assertThat(event.header("flume.syslog.status")).isNull();
    assertThat(event.body()).isEqualTo(body == null ? "" : body);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # Cisco, with a count, a star and a year
          <189>29: *Nov 23 05:09:19.123: %SYS-5-CONFIG_I: Configured|189
          <189>Nov 23 2026 05:09:19: %ASA-5-111008: text|189
          # no host: a tag is none
          <13>Nov 23 05:09:19 su: text|13
          <13>Nov 23 05:09:19 su[123]: text|13
          <13>just text|13
          <13>|13
          <13>Nov 31 05:09:19 host text|13
          <13>Nov 23 25:09:19 host text|13
          <13>Nox 23 05:09:19 host text|13
          <13>Feb 29 05:09:19 host text|13
          <13>1 2026-02-29T05:09:19Z host text|13
          <13>1 2026-11-23T05:09:19.Z host text|13
          <13>1 2026-11-23T05:09:19+1:00 host text|13
          <13>1 2026-11-23 05:09:19 host text|13
          <13>Nov 23 05:09:19 host|13
          <13>Nov 23 05:09:19  host text|13
          """)
  void aMessageOfWhichOnlyThePriorityIsReadIsKeptWhole(String message, int priority) {
    Map<String, String> expected =
        Map.of(
            "Facility",
            Integer.toString(priority / 8),
            "Severity",
            Integer.toString(priority % 8),
            "priority",
            Integer.toString(priority));

    assertThat(Messages.single().read(message)).isEqualTo(new Messages.Event(expected, message));
    assertThat(Messages.multiport().read(message).body()).isNotEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          no priority
          <>Nov 23 05:09:19 host text
          <a>Nov 23 05:09:19 host text
          <192>Nov 23 05:09:19 host text
          <1234>Nov 23 05:09:19 host text
          <13
          <
          <-1>text
          """)
  void aMessageWithoutAPriorityIsKeptWholeAndMarked(String message) {
    assertThat(Messages.single().read(message))
        .isEqualTo(
            new Messages.Event(
                Map.of("Facility", "0", "Severity", "0", "flume.syslog.status", "Invalid"),
                message));
    assertThat(Messages.multiport().read(message))
        .isEqualTo(new Messages.Event(Map.of("flume.syslog.status", "Invalid"), message));
  }

  @Test
  void aBodyMayBeEmpty() {
    Messages.Event event = Messages.single().read("<191>Nov 23 05:09:19 host ");
    assertThat(event.header("Severity")).isEqualTo("7");
    assertThat(event.body()).isEmpty();
  }

  @Test
  void severalPortsHaveHeadersOfTheirOwnNames() {
    assertThat(Messages.multiport().read("<34>1 2003-10-11T22:14:15.003Z host su - ID47").headers())
        .isEqualTo(
            Map.of(
                "Facility", "4",
                "Severity", "2",
                "Priority", "34",
                "Version", "1",
                "timestamp", "1065910455003",
                "host", "host"));
  }

  @Test
  void severalPortsMarkWhatHasAPriorityOnly() {
    assertThat(Messages.multiport().read("<34>text"))
        .isEqualTo(new Messages.Event(Map.of("flume.syslog.status", "Invalid"), "<34>text"));
  }

  @Test
  void severalPortsTakeADashForNowAndForAHost() {
    Messages.Event event = Messages.multiport().read("<34>1 - - text");
    assertThat(event.header("timestamp")).isEqualTo(Long.toString(Messages.NOW.toEpochMilli()));
    assertThat(event.header("host")).isEqualTo("-");
  }

  @ParameterizedTest
  @CsvSource({
    // now, zone, time, expected
    "2026-01-01T00:10:00Z, UTC, Dec 31 23:59:59, 2025-12-31T23:59:59Z",
    "2026-12-31T23:50:00Z, UTC, Jan  1 00:00:01, 2027-01-01T00:00:01Z",
    "2026-01-01T00:10:00Z, Asia/Tokyo, Jan  1 09:10:00, 2026-01-01T00:10:00Z",
    "2025-12-31T23:50:00Z, America/New_York, Dec 31 18:50:00, 2025-12-31T23:50:00Z",
    "2026-07-01T00:00:00Z, UTC, Jul 31 00:00:00, 2026-07-31T00:00:00Z",
    "2026-07-01T00:00:00Z, UTC, Aug  2 00:00:00, 2025-08-02T00:00:00Z",
    "2026-12-15T00:00:00Z, UTC, Jan 14 00:00:00, 2027-01-14T00:00:00Z",
    "2026-12-15T00:00:00Z, UTC, Jan 16 00:00:00, 2026-01-16T00:00:00Z",
    "2028-03-01T00:00:00Z, UTC, Feb 29 12:00:00, 2028-02-29T12:00:00Z",
    // a summer time
    "2026-07-01T00:00:00Z, Europe/Berlin, Jul  1 12:00:00, 2026-07-01T10:00:00Z",
    "2026-07-01T00:00:00Z, Europe/Berlin, Feb  1 12:00:00, 2026-02-01T11:00:00Z"
  })
  void theYearIsTheOneNextToNow(String now, String zone, String time, String expected) {
    Messages.Event event = Messages.single().at(now, zone).read("<13>" + time + " host text");
    assertThat(Instant.ofEpochMilli(Long.parseLong(event.header("timestamp"))))
        .isEqualTo(Instant.parse(expected));
  }

  @Test
  void theRememberedMinuteDoesNotOutliveTheYear() {
    long[] now = {Instant.parse("2026-12-31T23:59:50Z").toEpochMilli()};
    SyslogTimestamps timestamps = new SyslogTimestamps(java.time.ZoneOffset.UTC, () -> now[0]);
    byte[] text = "Feb  1 00:00:00 ".getBytes(UTF_8);
    assertThat(timestamps.readWithoutYear(text, 0, text.length)).isTrue();
    assertThat(Instant.ofEpochMilli(timestamps.millis())).isEqualTo("2026-02-01T00:00:00Z");
    now[0] = Instant.parse("2027-01-02T00:00:00Z").toEpochMilli();
    assertThat(timestamps.readWithoutYear(text, 0, text.length)).isTrue();
    assertThat(Instant.ofEpochMilli(timestamps.millis())).isEqualTo("2027-02-01T00:00:00Z");
  }

  // A day of one digit behind one blank is worked out anew and remembered as a minute only.
  @Test
  void aRememberedTextDoesNotOutliveTheGuessOfItsYear() {
    long[] now = {Instant.parse("2027-01-10T23:59:30Z").toEpochMilli()};
    SyslogTimestamps timestamps = new SyslogTimestamps(java.time.ZoneOffset.UTC, () -> now[0]);
    assertThat(read(timestamps, "Feb 11 00:00:00 ")).isEqualTo("2026-02-11T00:00:00Z");
    now[0] += 50_000;
    assertThat(read(timestamps, "Mar 1 00:00:00 ")).isEqualTo("2026-03-01T00:00:00Z");
    now[0] += 40_000;
    assertThat(read(timestamps, "Feb 11 00:00:00 ")).isEqualTo("2027-02-11T00:00:00Z");
  }

  @Test
  void whatIsRememberedChangesNoTime() {
    Random random = new Random(17);
    long[] now = {Instant.parse("2026-11-23T08:00:00Z").toEpochMilli()};
    SyslogTimestamps timestamps = new SyslogTimestamps(java.time.ZoneOffset.UTC, () -> now[0]);
    for (int i = 0; i < 2_000; i++) {
      String text = "Nov %d 07:59:%02d ".formatted(8 + random.nextInt(4), 58 + random.nextInt(2));
      SyslogTimestamps fresh = new SyslogTimestamps(java.time.ZoneOffset.UTC, () -> now[0]);
      assertThat(read(timestamps, text)).as(text).isEqualTo(read(fresh, text));
      assertThat(timestamps.end()).isEqualTo(fresh.end());
      now[0] += random.nextInt(20_000);
    }
  }

  private static Instant read(SyslogTimestamps timestamps, String time) {
    byte[] text = time.getBytes(UTF_8);
    assertThat(timestamps.readWithoutYear(text, 0, text.length)).isTrue();
    return Instant.ofEpochMilli(timestamps.millis());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          none|su: text
          all|<34>1 2003-10-11T22:14:15.003Z host su: text
          TRUE|<34>1 2003-10-11T22:14:15.003Z host su: text
          false|su: text
          priority|<34>su: text
          version hostname|1 host su: text
          hostname timestamp version priority|<34>1 2003-10-11T22:14:15.003Z host su: text
          """)
  void keptFieldsStandInFrontOfTheBody(String fields, String body) {
    assertThat(
            Messages.single()
                .keeping(fields.split(" "))
                .read("<34>1 2003-10-11T22:14:15.003Z host su: text")
                .body())
        .isEqualTo(body);
  }

  @Test
  void aFieldThatIsNoneIsRefused() {
    assertThatThrownBy(() -> Messages.single().keeping("priority", "tag"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("'tag'");
  }

  @Test
  void aCutMessageIsMarkedAndItsFieldsAreRead() {
    Messages.Event event =
        Messages.single().read("<13>Nov 23 05:09:19 host tex".getBytes(UTF_8), true);
    assertThat(event.header("flume.syslog.status")).isEqualTo("Incomplete");
    assertThat(event.header("host")).isEqualTo("host");
    assertThat(event.body()).isEqualTo("tex");
  }

  @Test
  void aBodyKeepsItsBytesAndAHostIsTurnedIntoUtf8() {
    Messages.Event event =
        Messages.multiport().in(ISO_8859_1).read("<13>Nov 23 05:09:19 h\u00f6st b\u00f6dy");
    assertThat(event.header("host")).isEqualTo("h\u00f6st");
    assertThat(event.body()).isEqualTo("b\u00f6dy");
  }

  @Test
  void aFormOfOnesOwnIsTriedFirst() {
    SyslogFormatOptions format =
        new SyslogFormatOptions(
            Optional.of("<(\\d{1,3})>(\\d)?\\d+: \\*?(\\w+ \\d+ [\\d:.]+): (%\\S+): (.*)"),
            Optional.of("\\.\\d+$"),
            Optional.of(""),
            Optional.of("MMM dd HH:mm:ss"));
    Messages.Event event =
        Messages.single()
            .format(format)
            .read("<189>29: *Nov 23 05:09:19.123: %SYS-5-CONFIG_I: Configured");
    assertThat(event.header("host")).isEqualTo("%SYS-5-CONFIG_I");
    assertThat(event.header("Facility")).isEqualTo("23");
    assertThat(event.header("timestamp")).isNotNull();
    assertThat(event.body()).isEqualTo("Configured");
    assertThat(Messages.single().format(format).read("<13>Nov 23 05:09:19 host text").body())
        .isEqualTo("text");
  }

  @Test
  void anExpressionThatRunsAwayDoesNotMatch() {
    SyslogFormatOptions format =
        new SyslogFormatOptions(
            Optional.of("(a*)*(b*)*(c*)*()()x"),
            Optional.empty(),
            Optional.empty(),
            Optional.of("yyyy"));
    assertThat(Messages.single().format(format).read("a".repeat(5000)).body())
        .isEqualTo("a".repeat(5000));
  }
}
