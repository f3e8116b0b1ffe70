#pragma once
/// Example documents of traffic classes: what a request of a class looks like, written in the scenario or in
/// a file of its own.
///
///   classes:
///     retail: { weight: 9, document: { sku: A-1, quantity: 1 } }
///     bulk:   { weight: 1, file: documents/bulk-order.json }
///
/// The document is kept with its class. A class that says no size has that of its document as compact JSON,
/// in UTF-8: what an SDK would send. It goes before the client's own `bytes`, which is about all classes.

#include "scenario/document.hpp"
#include "scenario/resolve.hpp"

namespace spillway {

/// The settings of a class that hold its document.
Settings class_document_settings();

/// Lays the files of a composed scenario into it as inline documents, and gives each class with a document
/// its size. What the lock file holds then needs no other file.
void read_class_documents(Node& scenario, Sources& sources, Files& files, Diagnostics& diagnostics);

}  // namespace spillway
