/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.deserializer;

import io.millrace.api.EventDeserializer;
import io.millrace.kit.text.LineJoiner;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;

/** Makes an event of each line, or of several that belong together. */
final class LineDeserializer implements EventDeserializer {
  private final Lines lines;
  private final LineJoiner joiner;
  private final ArrayDeque<Joined> joined = new ArrayDeque<>(2);
  private long mark;

  private record Joined(byte[] body, long endPosition) {}

  private LineDeserializer(LineDeserializerOptions options, Lines lines, long mark) {
    this.lines = lines;
    this.mark = mark;
    this.joiner =
        options.multiline().isOn()
            ? new LineJoiner(
                options.multiline(),
                options.outputCharset(),
                (array, offset, length, end) ->
                    joined.add(new Joined(Arrays.copyOfRange(array, offset, offset + length), end)))
            : null;
  }

  static LineDeserializer open(
      LineDeserializerOptions options, Content content, long mark, Setting setting)
      throws IOException {
    return new LineDeserializer(options, new Lines(options, content, mark, setting), mark);
  }

  @Override
  public boolean next(Events events) throws IOException {
    if (joiner != null) {
      return nextJoined(events);
    }
    if (!lines.next()) {
      return false;
    }
    events.add(Map.of(), lines.array(), lines.offset(), lines.length());
    mark = lines.position();
    return true;
  }

  private boolean nextJoined(Events events) throws IOException {
    while (joined.isEmpty()) {
      if (lines.next()) {
        joiner.line(lines.array(), lines.offset(), lines.length(), lines.position(), 0);
      } else if (joiner.isWaiting()) {
        joiner.flush();
      } else {
        return false;
      }
    }
    Joined event = joined.remove();
    events.add(Map.of(), event.body(), 0, event.body().length);
    mark = event.endPosition();
    return true;
  }

  @Override
  public long mark() {
    return mark;
  }
}
