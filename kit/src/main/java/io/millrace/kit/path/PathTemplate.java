/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.kit.path;

import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A path, file name or topic with escapes, compiled once: {@code %Y/%m/%d}, {@code %{header}},
 * {@code %[fqdn]}. The forms are those of Flume:
 *
 * <pre>
 *   %{h}      header h (letters, digits, _ . -), empty if missing
 *   %[name]   localhost, IP or FQDN, in any case
 *   %t        the event's time in milliseconds, never rounded     %s  seconds, rounded
 *   %Y %y %m %n %b %B %d %e %j %a %A   year, month, day           %D  MM/dd/yy
 *   %H %k %I %l %M %S %p %z            hour, minute, second, ...  %c  EEE MMM d HH:mm:ss yyyy
 *   %%        a percent sign; any other %x is nothing
 * </pre>
 *
 * <p>Immutable; {@link #expander} makes what is used for events.
 */
public final class PathTemplate {
  private static final Pattern ESCAPE =
      Pattern.compile("%([A-Za-z0-9_%])|%\\{([A-Za-z0-9_.-]+)}|%\\[([A-Za-z0-9_]+)]");

  /** How time is put into names. */
  public record TimeRules(ZoneId zone, Rounding rounding, Locale locale, boolean isLocalTime) {
    /** The event's own time, in the zone and the language of this process. */
    public static final TimeRules DEFAULT =
        new TimeRules(ZoneId.systemDefault(), Rounding.NONE, Locale.getDefault(), false);
  }

  private final String text;
  private final List<Segment> segments;
  private final TimeRules rules;
  private final NameHygiene hygiene;

  private PathTemplate(String text, List<Segment> segments, TimeRules rules, NameHygiene hygiene) {
    this.text = text;
    this.segments = segments;
    this.rules = rules;
    this.hygiene = hygiene;
  }

  /**
   * Compiles a template.
   *
   * @throws IllegalArgumentException when it has a {@code %[name]} that means nothing
   */
  public static PathTemplate compile(
      String template, TimeRules rules, NameHygiene hygiene, HostNames host) {
    List<Segment> segments = new ArrayList<>();
    StringBuilder literal = new StringBuilder();
    Matcher escape = ESCAPE.matcher(template);
    int from = 0;
    while (escape.find()) {
      literal.append(template, from, escape.start());
      from = escape.end();
      Segment segment = segment(escape, rules.locale(), host);
      if (segment instanceof Segment.Literal known) {
        literal.append(known.text());
      } else {
        addLiteral(literal, segments);
        segments.add(segment);
      }
    }
    literal.append(template, from, template.length());
    addLiteral(literal, segments);
    return new PathTemplate(template, List.copyOf(segments), rules, hygiene);
  }

  private static void addLiteral(StringBuilder literal, List<Segment> segments) {
    if (literal.length() > 0) {
      segments.add(new Segment.Literal(literal.toString()));
      literal.setLength(0);
    }
  }

  private static Segment segment(Matcher escape, Locale locale, HostNames host) {
    if (escape.group(2) != null) {
      return new Segment.Header(escape.group(2));
    }
    if (escape.group(3) != null) {
      return new Segment.Literal(hostName(escape.group(3), host));
    }
    return field(escape.group(1).charAt(0), locale);
  }

  private static String hostName(String name, HostNames host) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "localhost" -> host.name();
      case "ip" -> host.address();
      case "fqdn" -> host.fullName();
      default ->
          throw new IllegalArgumentException(
              "%[" + name + "] (expected: %[localhost], %[IP] or %[FQDN])");
    };
  }

  private static Segment field(char form, Locale locale) {
    return switch (form) {
      case '%' -> new Segment.Literal("%");
      case 't' -> new Segment.Timestamp();
      case 's' -> new Segment.EpochSecond();
      case 'a' -> time("EEE", locale);
      case 'A' -> time("EEEE", locale);
      case 'b' -> time("MMM", locale);
      case 'B' -> time("MMMM", locale);
      case 'c' -> time("EEE MMM d HH:mm:ss yyyy", locale);
      case 'd' -> time("dd", locale);
      case 'e' -> time("d", locale);
      case 'D' -> time("MM/dd/yy", locale);
      case 'H' -> time("HH", locale);
      case 'I' -> time("hh", locale);
      case 'j' -> time("DDD", locale);
      case 'k' -> time("H", locale);
      case 'l' -> time("h", locale);
      case 'm' -> time("MM", locale);
      case 'n' -> time("M", locale);
      case 'M' -> time("mm", locale);
      case 'p' -> time("a", locale);
      case 'S' -> time("ss", locale);
      case 'y' -> time("yy", locale);
      case 'Y' -> time("yyyy", locale);
      case 'z' -> time("Z", locale);
      default -> new Segment.Literal("");
    };
  }

  private static Segment time(String pattern, Locale locale) {
    return new Segment.Time(DateTimeFormatter.ofPattern(pattern, locale));
  }

  /** Whether every event gives the same text. */
  public boolean isConstant() {
    return segments.stream().allMatch(Segment.Literal.class::isInstance);
  }

  /** Whether the text depends on the time. */
  public boolean usesTime() {
    return segments.stream()
        .anyMatch(s -> !(s instanceof Segment.Literal) && !(s instanceof Segment.Header));
  }

  /** The directory, without a slash at its end, below which every expansion is. */
  public String staticRoot() {
    if (isConstant()) {
      return segments.isEmpty() ? "" : ((Segment.Literal) segments.get(0)).text();
    }
    if (segments.get(0) instanceof Segment.Literal first) {
      int slash = first.text().lastIndexOf('/');
      return slash < 0 ? "" : first.text().substring(0, slash);
    }
    return "";
  }

  /** Makes an expander that reads the clock of the system. */
  public PathExpander expander() {
    return expander(System::currentTimeMillis);
  }

  public PathExpander expander(LongSupplier clockMillis) {
    return new PathExpander(segments, rules, hygiene, clockMillis);
  }

  /** As it was written. */
  @Override
  public String toString() {
    return text;
  }
}
