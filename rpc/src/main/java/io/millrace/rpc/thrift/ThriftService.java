/* SPDX-License-Identifier: Apache-2.0 */
package io.millrace.rpc.thrift;

import io.millrace.api.EventBatch;
import io.millrace.rpc.session.Method;
import java.util.Optional;

/** What calls a Thrift server knows. The status of their answers has the same numbers in both. */
enum ThriftService {
  /** {@code ThriftSourceProtocol} of Flume: OK is 0, FAILED 1. */
  EVENTS("append or appendBatch") {
    @Override
    Optional<Method> method(String name) {
      for (Method method : Method.values()) {
        if (method.wireName().equals(name)) {
          return Optional.of(method);
        }
      }
      return Optional.empty();
    }

    @Override
    EventBatch read(ThriftReader in, Method method) throws MalformedThriftException {
      return BatchReader.read(in, method);
    }
  },

  /** {@code scribe}: {@code Log} of a list of entries; OK is 0, TRY_LATER 1. */
  SCRIBE("Log") {
    @Override
    Optional<Method> method(String name) {
      return name.equals("Log") ? Optional.of(Method.APPEND_BATCH) : Optional.empty();
    }

    @Override
    EventBatch read(ThriftReader in, Method method) throws MalformedThriftException {
      return BatchReader.readLog(in);
    }
  };

  private final String calls;

  ThriftService(String calls) {
    this.calls = calls;
  }

  /** For messages. */
  String calls() {
    return calls;
  }

  /** What a call of that name does, if it is known. */
  abstract Optional<Method> method(String name);

  /** The events in the arguments of the call, which come next and are the rest of the message. */
  abstract EventBatch read(ThriftReader in, Method method) throws MalformedThriftException;
}
