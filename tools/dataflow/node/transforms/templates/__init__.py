"""The platform's built-in templates as chains of transforms, one file each: `transform-<name>.json`.

What a file has beside ordinary transforms:

- `$PROPERTY(name)` in a text: a property of the template; what it is the value of is left out when it is not given.
- `{"$list": name}`: a `list` of the texts of a property.
- `{"$rule": [name, ...], "of": value}`: the first of these rules that the property `rules` has, applied; else the value itself.
- `"$merge": [name, ...]` in an object: the rules that a property has, over those of the file.
- `{"$when": name, "then": [...], "else": [...]}` in a list: what stands there when a property is given, and when it is not.
- `{"$each": name, "do": ...}` in a list: something per text of a property, which is `$ITEM` in it, and its position `$INDEX`.

Rules: configuration-transforms-template.rst; decision 0435.
"""
