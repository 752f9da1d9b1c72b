#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace inkling::cli {

// What the names of model files end in.
constexpr std::string_view model_suffix = ".safetensors";

// The name of the model that ships, used where none is asked for.
constexpr std::string_view default_model = "english";

// Where a model is looked for by name, in this order: ./models, the user's data folder
// ($XDG_DATA_HOME or
// ~/.local/share)/inkling/models, the installed share folder, and ../share/inkling/models beside
// the program.
std::vector<std::string> model_folders();

// Whether a training's checkpoint is named so: book.last.safetensors, book.previous.safetensors.
bool is_checkpoint(std::string_view path);

// The names that -m takes: of the models in model_folders(), sorted, without checkpoints.
std::vector<std::string> model_names();

// The file that -m NAME means: the file of that path, or NAME.safetensors in one of
// model_folders(). Throws DataError with the places where it looked, UsageError where it is empty.
std::string find_model(const std::string& name);
// The same where none is named: $INKLING_MODEL, and without that default_model.
std::string find_default_model();

}  // namespace inkling::cli
