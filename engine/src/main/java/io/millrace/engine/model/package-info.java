/* SPDX-License-Identifier: Apache-2.0 */
/** A checked configuration: what an agent is made of, ready to be built. */
package io.millrace.engine.model;
