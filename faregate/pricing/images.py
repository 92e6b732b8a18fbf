"""Size and quality of an image as a multiplier of a price per image."""

DALL_E_SIZES = {"256x256": 0.4, "512x512": 0.45, "1024x1024": 1.0, "1024x1792": 2.0, "1792x1024": 2.0}
LARGE = ("1024x1792", "1792x1024")


def image_price_ratio(model: str, size: str, quality: str) -> float:
    """The multiplier of one image: by size for `dall-e` models, more for `dall-e-3` in hd, else 1."""
    if not model.startswith("dall-e"):
        return 1.0
    ratio = DALL_E_SIZES.get(size, 1.0)
    if model == "dall-e-3" and quality == "hd":
        ratio *= 1.5 if size in LARGE else 2.0
    return ratio
