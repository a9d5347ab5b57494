/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.components.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import io.millrace.api.EventBatch;
import io.millrace.api.RejectedException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Reads events from any JSON that Flume's handler takes, which is lenient: names without quotes,
 * single quotes, controls within strings; fields other than headers and body are skipped, and bytes
 * that are no text of the charset become replacement characters. Immutable.
 *
 * <p>Bounds: nesting of {@link #MAX_DEPTH}, numbers of {@link #MAX_NUMBER_CHARS}, names of {@link
 * #MAX_NAME_CHARS}; the rest by the length of the request.
 */
final class JsonEvents {
  static final int MAX_DEPTH = 64;
  static final int MAX_NUMBER_CHARS = 1000;
  static final int MAX_NAME_CHARS = 64 * 1024;

  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private final JsonFactory factory =
      JsonFactory.builder()
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(MAX_DEPTH)
                  .maxNumberLength(MAX_NUMBER_CHARS)
                  .maxNameLength(MAX_NAME_CHARS)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .enable(JsonReadFeature.ALLOW_SINGLE_QUOTES)
          .enable(JsonReadFeature.ALLOW_UNQUOTED_FIELD_NAMES)
          .enable(JsonReadFeature.ALLOW_UNESCAPED_CONTROL_CHARS)
          // Names come from clients: they are not to be kept anywhere.
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
          .build();

  /**
   * The events of an array, or of objects one after another.
   *
   * @throws RejectedException when it is neither, or broken; says where, and repeats nothing of it
   */
  EventBatch read(byte[] array, int bytes, Charset charset, boolean isLines) {
    try (Reader text = reader(array, bytes, charset);
        JsonParser in = factory.createParser(text)) {
      EventWriter out = new EventWriter(bytes);
      if (isLines) {
        while (in.nextToken() != null) {
          readEvent(in, out, charset);
        }
      } else {
        if (in.nextToken() != JsonToken.START_ARRAY) {
          throw unexpected(in, "an array of events");
        }
        while (in.nextToken() != JsonToken.END_ARRAY) {
          readEvent(in, out, charset);
        }
        if (in.nextToken() != null) {
          throw unexpected(in, "nothing behind the array");
        }
      }
      return out.build();
    } catch (StreamConstraintsException e) {
      throw new RejectedException(
          "the JSON goes beyond a limit: "
              + MAX_DEPTH
              + " levels, numbers of "
              + MAX_NUMBER_CHARS
              + " or names of "
              + MAX_NAME_CHARS
              + " characters");
    } catch (JsonParseException e) {
      throw new RejectedException(
          "the JSON is broken at line "
              + e.getLocation().getLineNr()
              + ", column "
              + e.getLocation().getColumnNr());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Reader reader(byte[] array, int bytes, Charset charset) throws IOException {
    Reader text = new InputStreamReader(new ByteArrayInputStream(array, 0, bytes), charset);
    if (!charset.equals(StandardCharsets.UTF_8) || bytes < 3 || array[0] != (byte) 0xEF) {
      return text;
    }
    int first = text.read();
    return first == BYTE_ORDER_MARK
        ? text
        : new InputStreamReader(new ByteArrayInputStream(array, 0, bytes), charset);
  }

  private static void readEvent(JsonParser in, EventWriter out, Charset charset)
      throws IOException {
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw unexpected(in, "an event: an object");
    }
    out.beginEvent();
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      String name = in.currentName();
      JsonToken value = in.nextToken();
      switch (name) {
        case "headers" -> readHeaders(in, out);
        case "body" -> {
          if (value != JsonToken.VALUE_NULL && !value.isScalarValue()) {
            throw unexpected(in, "text as the body");
          }
          byte[] body = value == JsonToken.VALUE_NULL ? new byte[0] : EncodedText.of(in, charset);
          out.body(body, 0, body.length);
        }
        default -> in.skipChildren();
      }
    }
    out.endEvent();
  }

  private static void readHeaders(JsonParser in, EventWriter out) throws IOException {
    out.beginHeaders();
    if (in.currentToken() == JsonToken.VALUE_NULL) {
      return;
    }
    if (in.currentToken() != JsonToken.START_OBJECT) {
      throw unexpected(in, "an object as the headers");
    }
    while (in.nextToken() == JsonToken.FIELD_NAME) {
      byte[] name = in.currentName().getBytes(StandardCharsets.UTF_8);
      JsonToken token = in.nextToken();
      if (token == JsonToken.VALUE_NULL) {
        // A header without a value is none.
        continue;
      }
      if (!token.isScalarValue()) {
        throw unexpected(in, "text as the value of a header");
      }
      byte[] value = EncodedText.of(in, StandardCharsets.UTF_8);
      out.header(name, 0, name.length, value, 0, value.length);
    }
  }

  private static RejectedException unexpected(JsonParser in, String expected) {
    return new RejectedException(
        "the JSON is not what is expected at line "
            + in.currentTokenLocation().getLineNr()
            + ", column "
            + in.currentTokenLocation().getColumnNr()
            + " (expected: "
            + expected
            + ")");
  }
}
