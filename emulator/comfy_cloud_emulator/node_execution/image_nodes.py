"""The image nodes that need no model, computed with Pillow.

Each function takes a node's task and returns the values of its outputs. Images are RGB or RGBA,
masks are greyscale.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from PIL import Image, ImageChops, ImageOps

from comfy_cloud_emulator.engine.work import NodeTask
from comfy_cloud_emulator.media.images import in_mode

from .values import Images, as_images, check_size

Values = tuple[Any, ...]
_METHODS: Final = {
    "nearest-exact": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "area": Image.Resampling.BOX,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}
_TURNS: Final = {
    "90 degrees": Image.Transpose.ROTATE_270,
    "180 degrees": Image.Transpose.ROTATE_180,
    "270 degrees": Image.Transpose.ROTATE_90,
}
_CHANNELS: Final = {"red": 0, "green": 1, "blue": 2, "alpha": 3}


def empty_image(task: NodeTask) -> Values:
    """EmptyImage: a batch of images of one colour."""
    width, height, count = (int(task.inputs[name]) for name in ("width", "height", "batch_size"))
    check_size(width, height, count)
    color = int(task.inputs.get("color", 0))
    return ([Image.new("RGB", (width, height), (color >> 16 & 255, color >> 8 & 255, color & 255))] * count,)


def image_scale(task: NodeTask) -> Values:
    """ImageScale: to a size; a zero is derived from the other edge."""
    images = as_images(task.inputs["image"])
    width, height = int(task.inputs["width"]), int(task.inputs["height"])
    if not width and not height:
        return (images,)
    before = images[0].size
    width = width or max(1, round(before[0] * height / before[1]))
    height = height or max(1, round(before[1] * width / before[0]))
    check_size(width, height, len(images))
    method = _METHODS[task.inputs["upscale_method"]]
    if task.inputs.get("crop") == "center":
        return ([ImageOps.fit(image, (width, height), method) for image in images],)
    return ([image.resize((width, height), method) for image in images],)


def image_scale_by(task: NodeTask) -> Values:
    """ImageScaleBy: by a factor."""
    images, factor = as_images(task.inputs["image"]), float(task.inputs["scale_by"])
    width, height = (round(edge * factor) for edge in images[0].size)
    check_size(width, height, len(images))
    method = _METHODS[task.inputs["upscale_method"]]
    return ([image.resize((width, height), method) for image in images],)


def image_invert(task: NodeTask) -> Values:
    """ImageInvert: every colour inverted."""
    return ([ImageOps.invert(in_mode(image, "RGB")) for image in as_images(task.inputs["image"])],)


def image_crop(task: NodeTask) -> Values:
    """ImageCrop: a part of the image, clipped to its bounds."""
    images = as_images(task.inputs["image"])
    width, height = images[0].size
    x, y = min(int(task.inputs["x"]), width - 1), min(int(task.inputs["y"]), height - 1)
    box = (x, y, min(x + int(task.inputs["width"]), width), min(y + int(task.inputs["height"]), height))
    return ([image.crop(box) for image in images],)


def image_blend(task: NodeTask) -> Values:
    """ImageBlend: two images blended."""
    first = as_images(task.inputs["image1"])
    second = as_images(task.inputs["image2"])
    factor, mode = float(task.inputs["blend_factor"]), task.inputs["blend_mode"]
    blended: Images = []
    for index, each in enumerate(first):
        below, above = in_mode(each, "RGB"), in_mode(second[min(index, len(second) - 1)], "RGB")
        if above.size != below.size:
            above = ImageOps.fit(above, below.size, Image.Resampling.BICUBIC)
        blended.append(Image.blend(below, _mixed(mode, below, above), factor))
    return (blended,)


def _mixed(mode: str, below: Image.Image, above: Image.Image) -> Image.Image:
    mixers: dict[str, Callable[[Image.Image, Image.Image], Image.Image]] = {
        "multiply": ImageChops.multiply,
        "screen": ImageChops.screen,
        "overlay": ImageChops.overlay,
        "soft_light": ImageChops.soft_light,
        "difference": ImageChops.subtract,
    }
    return mixers[mode](below, above) if mode in mixers else above


def image_batch(task: NodeTask) -> Values:
    """ImageBatch: two batches as one, the second scaled to the size of the first."""
    first, second = as_images(task.inputs["image1"]), as_images(task.inputs["image2"])
    fitted = [
        image if image.size == first[0].size else ImageOps.fit(image, first[0].size) for image in second
    ]
    check_size(*first[0].size, len(first) + len(fitted))
    return (first + fitted,)


def image_flip(task: NodeTask) -> Values:
    """ImageFlip: mirrored along an axis."""
    mirrored = ImageOps.flip if str(task.inputs["flip_method"]).startswith("x") else ImageOps.mirror
    return ([mirrored(image) for image in as_images(task.inputs["image"])],)


def image_rotate(task: NodeTask) -> Values:
    """ImageRotate: rotated clockwise."""
    turn = _TURNS.get(task.inputs["rotation"])
    images = as_images(task.inputs["image"])
    return (images if turn is None else [image.transpose(turn) for image in images],)


def image_from_batch(task: NodeTask) -> Values:
    """ImageFromBatch: some images of a batch."""
    images = as_images(task.inputs["image"])
    start = min(int(task.inputs["batch_index"]), len(images) - 1)
    return (images[start : start + int(task.inputs["length"])],)


def get_image_size(task: NodeTask) -> Values:
    """GetImageSize: width, height and number of images."""
    images = as_images(task.inputs["image"])
    return (*images[0].size, len(images))


def solid_mask(task: NodeTask) -> Values:
    """SolidMask: a mask of one value."""
    width, height = int(task.inputs["width"]), int(task.inputs["height"])
    check_size(width, height)
    return ([Image.new("L", (width, height), round(255 * float(task.inputs["value"])))],)


def invert_mask(task: NodeTask) -> Values:
    """InvertMask: the mask inverted."""
    return ([ImageOps.invert(in_mode(mask, "L")) for mask in as_images(task.inputs["mask"])],)


def mask_to_image(task: NodeTask) -> Values:
    """MaskToImage: the mask as a grey image."""
    return ([in_mode(in_mode(mask, "L"), "RGB") for mask in as_images(task.inputs["mask"])],)


def image_to_mask(task: NodeTask) -> Values:
    """ImageToMask: one channel as a mask."""
    index = _CHANNELS[task.inputs["channel"]]
    return ([in_mode(image, "RGBA").getchannel(index) for image in as_images(task.inputs["image"])],)


def load_image(image: Image.Image) -> Values:
    """LoadImage: the image, and its transparency as a mask."""
    ImageOps.exif_transpose(image, in_place=True)
    if image.has_transparency_data:
        mask = ImageOps.invert(in_mode(image, "RGBA").getchannel("A"))
    else:
        mask = Image.new("L", image.size, 0)
    return ([image.convert("RGB")], [mask])


COMPUTED: Final[dict[str, Callable[[NodeTask], Values]]] = {
    "EmptyImage": empty_image,
    "ImageScale": image_scale,
    "ImageScaleBy": image_scale_by,
    "ImageInvert": image_invert,
    "ImageCrop": image_crop,
    "ImageBlend": image_blend,
    "ImageBatch": image_batch,
    "ImageFlip": image_flip,
    "ImageRotate": image_rotate,
    "ImageFromBatch": image_from_batch,
    "GetImageSize": get_image_size,
    "SolidMask": solid_mask,
    "InvertMask": invert_mask,
    "MaskToImage": mask_to_image,
    "ImageToMask": image_to_mask,
}
"""The functions by node class."""
