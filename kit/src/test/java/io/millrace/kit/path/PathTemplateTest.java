/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.millrace.api.EventBatch;
import io.millrace.api.EventView;
import io.millrace.kit.path.PathTemplate.TimeRules;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PathTemplateTest {
  private static final HostNames HOST = new HostNames("web1", "10.0.0.7", "web1.example.org");

  /** Monday 2024-03-04 15:07:09.123 UTC. */
  private static final long MILLIS = 1_709_564_829_123L;

  private static final TimeRules UTC =
      new TimeRules(ZoneOffset.UTC, Rounding.NONE, Locale.ENGLISH, false);

  private static EventView event(Map<String, String> headers) {
    return EventBatch.of(headers, new byte[0]).iterator().next();
  }

  private static PathTemplate path(String template) {
    return PathTemplate.compile(template, UTC, NameHygiene.PATH, HOST);
  }

  private static String expand(String template, Map<String, String> headers) {
    return path(template).expander().expand(event(headers));
  }

  @ParameterizedTest
  @CsvSource({
    "%a,Mon",
    "%A,Monday",
    "%b,Mar",
    "%B,March",
    "%c,Mon Mar 4 15:07:09 2024",
    "%d,04",
    "%e,4",
    "%D,03/04/24",
    "%H,15",
    "%I,03",
    "%j,064",
    "%k,15",
    "%l,3",
    "%m,03",
    "%n,3",
    "%M,07",
    "%p,PM",
    "%s,1709564829",
    "%S,09",
    "%y,24",
    "%Y,2024",
    "%z,+0000",
    "%t,1709564829123",
    "%%,%",
    "a%qb,ab",
    "%[localhost],web1",
    "%[ip],10.0.0.7",
    "%[FQDN],web1.example.org",
    "%{,%{",
    "%{a b},%{a b}"
  })
  void eachFormGivesWhatFlumeGives(String template, String expected) {
    assertThat(expand(template, Map.of("timestamp", Long.toString(MILLIS)))).isEqualTo(expected);
  }

  @Test
  void unknownHostNameIsRefused() {
    assertThatThrownBy(() -> path("%[ipv6]"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("%[FQDN]");
  }

  @Test
  void missingHeaderIsNothing() {
    assertThat(expand("/logs/%{host}/%{dc-1.x}", Map.of("dc-1.x", "b"))).isEqualTo("/logs//b");
  }

  @Test
  void timeIsRoundedInItsZone() {
    TimeRules india =
        new TimeRules(
            ZoneId.of("Asia/Kolkata"),
            new Rounding(10, Rounding.Unit.MINUTE),
            Locale.ENGLISH,
            false);
    PathTemplate template = PathTemplate.compile("%H%M%S %s %t", india, NameHygiene.PATH, HOST);
    // 20:37:09 there.
    assertThat(template.expander().expand(event(Map.of("timestamp", Long.toString(MILLIS)))))
        .isEqualTo("203000 1709564400 " + MILLIS);
  }

  @Test
  void hoursAreRoundedToTheirMultiple() {
    TimeRules rules =
        new TimeRules(ZoneOffset.UTC, new Rounding(6, Rounding.Unit.HOUR), Locale.ENGLISH, false);
    PathTemplate template = PathTemplate.compile("%H:%M", rules, NameHygiene.PATH, HOST);
    assertThat(template.expander().expand(event(Map.of("timestamp", Long.toString(MILLIS)))))
        .isEqualTo("12:00");
  }

  @Test
  void localTimeDoesNotNeedTheHeader() {
    TimeRules rules = new TimeRules(ZoneOffset.UTC, Rounding.NONE, Locale.ENGLISH, true);
    PathExpander expander =
        PathTemplate.compile("%H%M%S", rules, NameHygiene.PATH, HOST).expander(() -> MILLIS);
    assertThat(expander.expand(event(Map.of("timestamp", "5")))).isEqualTo("150709");
    assertThat(expander.eventsWithoutTime()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"''", "x", "-5", "99999999999999999999", "253402300800000", "1e9"})
  void eventWithoutUsableTimeGetsTheClocksAndIsCounted(String timestamp) {
    PathExpander expander = path("%Y%m%d-%H").expander(() -> MILLIS);
    assertThat(expander.expand(event(Map.of("timestamp", timestamp)))).isEqualTo("20240304-15");
    assertThat(expander.expand(event(Map.of()))).isEqualTo("20240304-15");
    assertThat(expander.eventsWithoutTime()).isEqualTo(2);
  }

  @Test
  void sameTextIsTheSameObjectUntilHeadersOrTimeChange() {
    PathExpander expander = path("/%Y/%{h}").expander();
    String first = expander.expand(event(Map.of("timestamp", "" + MILLIS, "h", "a")));
    String again = expander.expand(event(Map.of("timestamp", "" + (MILLIS + 5000), "h", "a")));
    assertThat(again).isSameAs(first);
    assertThat(expander.expand(event(Map.of("timestamp", "" + MILLIS, "h", "b"))))
        .isEqualTo("/2024/b");
    assertThat(expander.expand(event(Map.of("timestamp", "5", "h", "b")))).isEqualTo("/1970/b");
  }

  @Test
  void valueNeverLeadsOutOfTheRoot() {
    assertThat(expand("/l/%{h}/x", Map.of("h", "../../etc"))).isEqualTo("/l/%2E./%2E./etc/x");
    assertThat(expand("/l/%{h}/x", Map.of("h", "/etc"))).isEqualTo("/l//etc/x");
    assertThat(expand("/l/%{h}%{h}", Map.of("h", "."))).isEqualTo("/l/%2E.");
    assertThat(expand("/l/.%{h}", Map.of("h", "."))).isEqualTo("/l/%2E%2E");
    assertThat(expand("/l/%{h}", Map.of("h", ".hidden"))).isEqualTo("/l/%2Ehidden");
    assertThat(expand("/l/%{h}", Map.of("h", "a:b\u0000c\n\u202e")))
        .isEqualTo("/l/a%3Ab%00c%0A%E2%80%AE");
    assertThat(expand("/l/%{h}", Map.of("h", "a/b.c"))).isEqualTo("/l/a/b.c");
  }

  @Test
  void slashIsNoDirectoryInAFileName() {
    PathTemplate name = PathTemplate.compile("x-%{h}", UTC, NameHygiene.FILE_NAME, HOST);
    assertThat(name.expander().expand(event(Map.of("h", "../a/b")))).isEqualTo("x-..%2Fa%2Fb");
  }

  @Test
  void valueIsLeftAloneWhereTheCallerChecks() {
    PathTemplate topic = PathTemplate.compile("t-%{h}", UTC, NameHygiene.NONE, HOST);
    assertThat(topic.expander().expand(event(Map.of("h", "../:")))).isEqualTo("t-../:");
  }

  @Test
  void longNameIsCutAndStaysUnlikeOthers() {
    String one = expand("/l/%{h}", Map.of("h", "ä".repeat(200) + "1"));
    String other = expand("/l/%{h}", Map.of("h", "ä".repeat(200) + "2"));
    assertThat(one).isNotEqualTo(other).matches("/l/ä{85}~[0-9a-f]{8}");
  }

  @Property(tries = 2000)
  void noValueMakesANameThatLeadsUpOrIsTooLong(@ForAll String one, @ForAll String other) {
    String expanded = expand("/root/%{a}.%{b}/%{b}", Map.of("a", one, "b", other));
    assertThat(expanded).startsWith("/root/").doesNotContain("\n", ":", "\u0000");
    for (String name : expanded.split("/")) {
      assertThat(name).isNotEqualTo(".").isNotEqualTo("..");
      assertThat(name.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(180);
    }
  }

  @Test
  void rootIsWhatStandsBeforeTheFirstEscape() {
    assertThat(path("hdfs://nn/logs/web-%{h}/x").staticRoot()).isEqualTo("hdfs://nn/logs");
    assertThat(path("/logs/x").staticRoot()).isEqualTo("/logs/x");
    assertThat(path("%{h}/x").staticRoot()).isEmpty();
    assertThat(path("/logs/%[fqdn]/%Y").staticRoot()).isEqualTo("/logs/web1.example.org");
  }
}
