/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.app.demo;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.SplittableRandom;

/**
 * An access log as a web server writes it, made up. Every line has a request number of its own.
 * Confined to one thread.
 */
final class AccessLog implements AutoCloseable {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.ENGLISH)
          .withZone(ZoneId.systemDefault());

  private static final String[] PATHS = {
    "/",
    "/search?q=lamp",
    "/shop/lamps",
    "/shop/lamps/41",
    "/cart",
    "/checkout",
    "/api/v1/stock",
    "/static/app.js",
    "/static/site.css",
    "/images/41.webp",
    "/login",
    "/account/orders"
  };
  private static final String[] AGENTS = {
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/142.0 Safari/537.36",
    "curl/8.14.1"
  };

  private final String host;
  private final Path current;
  private final SplittableRandom random;
  private OutputStream out;
  private long requestCount;
  private int rotationCount;

  AccessLog(String host, Path directory, SplittableRandom random) throws IOException {
    this.host = host;
    this.random = random;
    current = Files.createDirectories(directory).resolve("access.log");
    out = open();
  }

  private OutputStream open() throws IOException {
    return new BufferedOutputStream(
        Files.newOutputStream(current, StandardOpenOption.CREATE, StandardOpenOption.APPEND));
  }

  void append(Instant now, int lineCount) throws IOException {
    String time = TIME.format(now);
    for (int i = 0; i < lineCount; i++) {
      out.write(line(time).getBytes(StandardCharsets.US_ASCII));
    }
    out.flush();
  }

  private String line(String time) {
    requestCount++;
    return String.format(
        Locale.ROOT,
        "203.0.113.%d - - [%s] \"%s %s HTTP/1.1\" %d %d \"-\" \"%s\" %.3f %s-%010d\n",
        random.nextInt(1, 255),
        time,
        random.nextInt(10) == 0 ? "POST" : "GET",
        PATHS[random.nextInt(PATHS.length)],
        status(),
        random.nextInt(120, 48_000),
        AGENTS[random.nextInt(AGENTS.length)],
        random.nextDouble(0.001, 0.9),
        host,
        requestCount);
  }

  private int status() {
    int chance = random.nextInt(100);
    if (chance < 92) {
      return 200;
    }
    return chance < 96 ? 304 : chance < 99 ? 404 : 500;
  }

  /** Renames the file, as logrotate does, and begins a new one. */
  void rotate() throws IOException {
    out.close();
    rotationCount++;
    Files.move(current, current.resolveSibling("access.log." + rotationCount));
    out = open();
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
